"""What ``import penstock`` offers a program: answers as they are made, collected, or encoded, without a server."""
