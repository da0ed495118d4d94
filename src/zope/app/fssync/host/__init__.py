"""What differs between the hosts that publish the views, behind interfaces.py."""
