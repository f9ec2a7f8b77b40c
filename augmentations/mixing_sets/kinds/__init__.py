"""Kinds of mixing pictures: one generator each, and what they are made of."""
