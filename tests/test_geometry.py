"""Shapes whose sides depend on different walks, beside outlines."""

import numpy as np
import shapely

from logidsl.library.geometry import Geometry, covers, gap, inside, shared_area


def test_sides_that_depend_on_different_walks_are_broadcast():
    left, top = np.zeros(2), np.array([[0.0, 0.0], [20.0, 20.0], [40.0, 40.0]])  # the top is read in a walk of three
    drawn = Geometry(left, top, left + 10, top + 10)
    outlines = np.array([shapely.box(0, 0, 10, 10), shapely.box(0, 15, 10, 25)], object)
    corner = np.zeros(2)
    parts = Geometry(corner, np.array([0.0, 15.0]), corner + 10, np.array([10.0, 25.0]), outlines)
    np.testing.assert_allclose(gap(drawn, parts), [[0, 5], [10, 0], [30, 15]])
    np.testing.assert_allclose(shared_area(drawn, parts), [[100, 0], [0, 50], [0, 0]])


def test_points_whose_coordinates_depend_on_different_walks_are_broadcast():
    box = Geometry(np.array([0.0, 50.0]), np.zeros(2), np.array([10.0, 60.0]), np.full(2, 10.0))
    x, y = np.array([5.0, 55.0]), np.array([[5.0], [20.0]])  # y is read in a walk of two
    np.testing.assert_array_equal(inside(x, y, box), [[True, True], [False, False]])


def test_a_box_without_extent_is_covered_by_the_outline_whose_edge_it_lies_on() -> None:
    triangle = np.array([shapely.polygons([(0.0, 50.0), (40.0, 50.0), (20.0, 90.0)])])
    outer = Geometry(np.array([0.0]), np.array([50.0]), np.array([40.0]), np.array([90.0]), triangle)
    x0, y0 = np.array([10.0, 10.0, 0.0]), np.array([50.0, 50.0, 60.0])
    flat = Geometry(x0, y0, np.array([30.0, 10.0, 0.0]), np.array([50.0, 60.0, 60.0]))
    assert covers(outer, flat).tolist() == [True, True, False]
