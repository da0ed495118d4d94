"""Names and formats that clients and servers share."""
