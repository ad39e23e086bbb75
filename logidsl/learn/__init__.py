"""Parts learned from a few annotated pictures: from annotations to a parts file and a report.

The phases in order: `examples` reads, with `masks` of boxes and points, `copies` drops what was given twice,
`variations` augments, `heads` learns from places, `validation` holds pictures out, `selection` chooses settings,
`report` shows the accuracy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from logidsl.diagnostics import InputError
from logidsl.extract.parts.features import NETWORK, STRIDE, shipped_network
from logidsl.extract.parts.model import Parts, Settings
from logidsl.extract.parts.segmentation import Cutting
from logidsl.extract.pixels.opencv import cv2
from logidsl.extract.pixels.pixel_values import fast_lab
from logidsl.extras import needed
from logidsl.learn.copies import sources_of, told_of_copies, without_copies
from logidsl.learn.examples import Annotations, Example, example, read_annotations
from logidsl.learn.heads import Samples, joined, learn_appearances, learn_heads, sampled
from logidsl.learn.selection import UNVALIDATED, Choice, choose
from logidsl.learn.validation import Work, lost, validate
from logidsl.learn.variations import Kinds
from logidsl.workers import Progress, cpus, in_order, tracked

__all__ = ["Annotations", "Learned", "Options", "learn", "read_annotations"]

#: Standard deviation over pictures of the median CIELAB of their backgrounds, from which backgrounds count as
#: different.
_OTHER_GROUND = 5.0


@dataclass(frozen=True)
class Options:
    """How parts are learned.

    Parameters
    ----------
    kinds : Kinds
        Which variations are made.
    any_color : tuple of str
        Classes of parts that come in other colours than those of the pictures, too.
    resample : bool
        Whether a second round sees more of what the first got wrong.
    validate : bool
        Whether pictures are left out to choose settings, calibrate confidences and measure. It takes most of the time.
    variations : int, optional
        How many of each picture are learned from, itself included; None for 8, and more of fewer than nine pictures.
    seed : int
        The same seed and pictures give the same parts, up to rounding.
    jobs : int, optional
        How many processes; None for as many as there are processors.
    """

    kinds: Kinds = Kinds()  # noqa: RUF009 - frozen
    any_color: tuple[str, ...] = ()
    resample: bool = True
    validate: bool = True
    variations: int | None = None
    seed: int = 0
    jobs: int | None = None


@dataclass(frozen=True, eq=False)
class Learned:
    """What came of it.

    Parameters
    ----------
    parts : Parts
        To be written.
    examples : tuple of Example
        The pictures at the working size.
    choice : Choice
        The settings, and the results on each held-out picture.
    notes : tuple of str
        For the report.
    """

    parts: Parts
    examples: tuple[Example, ...]
    choice: Choice
    notes: tuple[str, ...]


def learn(
    annotations: Annotations,
    options: Options | None = None,
    progress: Callable[[str], Progress | None] = lambda _: None,
) -> Learned:
    """Learn parts.

    Parameters
    ----------
    annotations : Annotations
        See `read_annotations`.
    options : Options, optional
    progress : callable
        Returns, for the steps counted, a function called with the number done and the total.

    Raises
    ------
    InputError
        If a picture cannot be read, or the extra `learn` is not installed.
    """
    options = options or Options()
    work, notes = prepared(annotations, options, progress)
    jobs = _jobs(options)
    settings, samples, examples = work.settings, work.samples, work.examples
    choice = UNVALIDATED
    if options.validate:
        photos = len(set(sources_of(examples)))
        choice = choose(validate(work, jobs, progress("checks")), settings, photos, options.seed)
    (heads,) = tracked(in_order(_learned, work, [0], 1, lost), 1, progress("networks"))
    all_samples = joined(samples)
    settings = replace(
        settings,
        cutting=replace(settings.cutting, class_limit=choice.class_limit),
        threshold=choice.threshold,
        doubtful=choice.doubtful,
        calibrated=choice.calibrated,
        temperature=choice.temperature,
        grounds=tuple((*map(float, ground),) for ground in all_samples.grounds.round(1)),
    )
    appearances = learn_appearances(all_samples, len(settings.classes))
    parts = Parts("the parts", settings, work.network, heads, choice.fits, choice.model, appearances)
    return Learned(parts, examples, choice, notes)


def prepared(
    annotations: Annotations, options: Options, progress: Callable[[str], Progress | None] = lambda _: None
) -> tuple[Work, tuple[str, ...]]:
    """What all networks learn from, with notes for the report; see `learn`."""
    for module in ("sklearn", "onnx", "onnxruntime"):
        needed(module, "learn", "learning parts")
    if options.variations is not None and not 1 <= options.variations <= 100:
        raise InputError(f"expected 1 to 100 variations of each picture, found {options.variations}")
    for name in options.any_color:
        if name not in annotations.classes:
            known = ", ".join(f"`{c}`" for c in annotations.classes)
            raise InputError(f"no part of the class `{name}` is annotated: expected one of {known}")
    notes = list(annotations.notes)
    examples = without_copies([example(p, annotations, notes) for p in annotations.pictures], notes)
    notes += told_of_copies(examples)
    settings = _settings(annotations, examples, options)
    if not _grounds_differ(examples):  # a constant background would reveal where parts are
        options = replace(options, kinds=replace(options.kinds, ground=False))
    places = [(i, settings, options) for i in range(len(examples))]
    sampling = in_order(_sampled, examples, places, _jobs(options), lost)
    samples = list(tracked(sampling, len(places), progress("pictures")))
    _need_all(samples, settings.classes)
    network = NETWORK.read_bytes()
    work = Work(
        examples,
        tuple(samples),
        settings,
        network,
        options.kinds,
        _numbers(settings, options),
        options.resample,
        options.seed,
    )
    return work, tuple(notes)


def _jobs(options: Options) -> int:
    return options.jobs or min(cpus(), 8)


def _sampled(examples: tuple[Example, ...], item: tuple[int, Settings, Options]) -> Samples:
    index, settings, options = item
    network, seed = shipped_network(), (options.seed, index)
    # Only its own objects are pasted in: others would be known when this picture is held out.
    shown = examples[index]
    return sampled(
        shown,
        (shown,),
        network,
        settings.size,
        len(examples),
        options.kinds,
        _numbers(settings, options),
        options.variations or min(16, max(8, 72 // len(examples))),
        seed,
    )


def _grounds_differ(examples: Sequence[Example]) -> bool:
    """Whether the backgrounds of pictures differ in colour or lightness by more than the light explains."""
    grounds = [np.median(fast_lab(e.bgr[e.instances == 0]), axis=0) for e in examples if (e.instances == 0).any()]
    return bool(len(grounds) > 1 and np.linalg.norm(np.std(grounds, axis=0)) > _OTHER_GROUND)


def _need_all(samples: Sequence[Samples], classes: Sequence[str]) -> None:
    """Raise InputError if the background or a class cannot be learned."""
    there = {int(k) for s in samples for k in np.unique(s.kinds)}
    if 0 not in there:
        raise InputError("the annotated parts cover the whole pictures: learning needs some background")
    for number, name in enumerate(classes, 1):
        if number not in there:
            raise InputError(
                f"the parts of the class `{name}` are too small to learn: less than {STRIDE} px of a picture"
            )


def _numbers(settings: Settings, options: Options) -> tuple[int, ...]:
    """The classes that come in any colour, by index."""
    return tuple(1 + settings.classes.index(name) for name in options.any_color)


def _learned(work: Work, _: int) -> bytes:
    return learn_heads(joined(work.samples), len(work.settings.classes), work.resample, work.seed)


def _areas_and_radii(shown: Example) -> npt.NDArray[np.float64]:
    """The area of each object, px2, and the radius of its largest inscribed circle, px; (n, 2)."""
    rows = []
    for label in range(1, len(shown.kinds)):
        ys, xs = np.nonzero(shown.instances == label)
        if len(ys):
            mask = shown.instances[ys.min() : ys.max() + 1, xs.min() : xs.max() + 1] == label
            padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT)
            rows.append((len(ys), cv2.distanceTransform(padded, cv2.DIST_L2, 5).max()))
    return np.array(rows, np.float64).reshape(-1, 2)


def _settings(annotations: Annotations, examples: Sequence[Example], options: Options) -> Settings:
    """What is known before anything is learned."""
    size = annotations.size_px / STRIDE
    cutting = Cutting()
    areas, radii = np.concatenate([_areas_and_radii(e) for e in examples]).T
    if len(areas):
        least = 0.25 * np.quantile(areas, 0.02) / STRIDE**2 / size**2
        cutting = Cutting(
            least_area=float(np.clip(least, 0.002, 0.12)),
            smooth=float(np.clip(0.14 * np.median(radii) / STRIDE, 0.5, 1.3)),
        )
    digest = hashlib.sha256()
    for shown in examples:
        digest.update(shown.bgr.tobytes() + shown.instances.tobytes() + shown.kinds.tobytes())
    counts = np.sum([e.counts(len(annotations.classes)) for e in examples], axis=0).tolist()
    training = {
        "pictures": [Path(e.path).name for e in examples],
        "objects": dict(zip(annotations.classes, counts, strict=True)),
        "digest": digest.hexdigest(),
        "seed": options.seed,
    }
    return Settings(annotations.classes, annotations.working_px, size, cutting, training=training)
