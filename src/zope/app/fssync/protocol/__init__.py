"""What clients and servers must spell alike."""
