"""The wire: messages and services generated from the .proto files, for programs that speak the protocol themselves."""
