"""The front door for analysts and the library functions that others call; everything is loaded when first used."""
