"""The crash suite: write-back, killed at every commit and around every call, beside every fault and human edit."""
