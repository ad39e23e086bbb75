"""Tables of objects of MVTec LOCO AD's products, with each of its 57 logical defects, made from numbers."""
