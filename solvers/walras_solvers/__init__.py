"""The engines that come with Walras, found through entry points like anyone else's."""
