"""The page on the control port: the world as a person sees it, live."""
