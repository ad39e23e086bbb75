"""The spec that is written, and the steps that can be undone: each is on disk before it is answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from logidsl.diagnostics import InputError
from logidsl.files import file_errors
from logidsl.files import replace as replace_file
from logidsl.ir import Program
from logidsl.pipeline import lint_spec
from logidsl.source import Source
from logidsl.studio import spec as specs
from logidsl.studio.photos import STATE, Photo
from logidsl.studio.state import Step, read_state, splice, spliced
from logidsl.syntax.identifiers import identifiers
from logidsl.syntax.spec_files import read_source
from logidsl.web.problems import ProblemError

Event = dict[str, Any]
#: A file that reads the same after this long is whole; how often it is looked at.
_SETTLED_S, _LOOKS = 0.15, 20


class Edited:
    """The spec of a folder and the state beside it.

    Parameters
    ----------
    folder : Path
        An existing folder.
    spec : Path, optional
        The spec; by default the one named like the folder, or the only one in it.

    Raises
    ------
    InputError
        If the folder, the spec or the state cannot be read, or written.
    """

    def __init__(self, folder: Path, spec: Path | None = None) -> None:
        self.folder = folder.resolve()
        self.announce: Callable[[Event], None] = lambda _: None
        self.wake: Callable[[], None] = lambda: None
        self.lock = threading.RLock()
        self.kept = self.folder / STATE
        with file_errors(self.kept, "written"):
            (self.kept / "thumbnails").mkdir(parents=True, exist_ok=True)
        self.state = read_state(self.kept / "state.json")
        self.spec_path = spec_of(self.folder) if spec is None else spec.resolve()
        self.read_only = not self.spec_path.is_relative_to(self.folder)
        self.revision = 0
        self._warnings: tuple[str, list[dict[str, Any]]] = ("", [])
        self.checked = self.good = specs.checked(Source(str(self.spec_path), self._text_on_disk() or self._starter()))
        if self.state.spec_digest and self.state.spec_digest != specs.digest_of(self.text):
            # the file was changed while no studio was running, so the old text is lost
            done = self.state.steps[: self.state.done]
            self.state.steps = [s for s in done if s["kind"] != "spec"]
            self.state.done = len(self.state.steps)
        self.state.spec_digest = specs.digest_of(self.text)
        self.state.save()

    @property
    def text(self) -> str:
        """The text of the spec."""
        return self.checked.source.text

    @property
    def program(self) -> Program | None:
        """The program of the last spec without errors, by which photos are judged."""
        return self.good.program

    def _starter(self) -> str:
        stem = self.spec_path.stem
        return f"logic 1\nspec {identifiers([stem], 'spec')[stem]}\n"

    def _text_on_disk(self) -> str | None:
        """The text of the file; None if there is none."""
        if not self.spec_path.exists():
            return None
        return read_source(self.spec_path).text

    def _settled_text(self) -> str | None:
        """The text of the file, once nobody is in the middle of writing another one; None if there is none."""
        text = self._text_on_disk()
        for _ in range(_LOOKS):
            if text is None or specs.digest_of(text) == self.state.spec_digest:
                break
            time.sleep(_SETTLED_S)
            before, text = text, self._text_on_disk()
            if text == before:
                break
        return text

    def spec_document(self, *, warnings: bool = False) -> dict[str, Any]:
        """The spec as the page has it; warnings take longer than the errors, and are left out unless asked for."""
        with self.lock:
            checked, revision = self.checked, self.revision
        rows = specs.diagnostic_rows(checked.diagnostics, checked.failure)
        if warnings and checked.program is not None:
            rows = self._linted(checked)
        program = checked.program or self.program
        return {
            "path": str(self.spec_path),
            "text": checked.source.text,
            "digest": specs.digest_of(checked.source.text),
            "revision": revision,
            "readOnly": self.read_only,
            "diagnostics": rows,
            "classes": specs.classes_of(program),
            "colors": specs.colors_of(program),
            "pixelStatementsDigest": checked.seeing,
        }

    def _linted(self, checked: specs.Checked) -> list[dict[str, Any]]:
        key = specs.digest_of(checked.source.text)
        if self._warnings[0] != key:
            self._warnings = key, specs.diagnostic_rows(lint_spec(checked.source), None)
        return self._warnings[1]

    def put_spec(self, text: str, digest: str) -> None:
        """Save an edited text, and judge by it from now on if it has no errors; `wake` then begins with all photos.

        Parameters
        ----------
        text : str
        digest : str
            Of the text that was edited.

        Raises
        ------
        ProblemError
            If the page had another text than there is now, or the spec is not to be written.
        """
        with self.lock:
            self._writable()
            self._current(digest)
            step = splice(self.text, text)
            if step["old"] or step["new"]:
                self._save_text(text)
                self.state.note(step)
                self.state.save()
                self._set(text, wake=False)

    def _writable(self) -> None:
        if self.read_only:
            raise ProblemError(
                403,
                f"{self.spec_path} lies outside of {self.folder}, and the studio writes only inside that folder",
                fix=f"copy the spec to {self.folder / self.spec_path.name}, and start the studio without --spec",
            )

    def _current(self, digest: str) -> None:
        """Refuse an edit that is based on an outdated text."""
        self._adopt()
        if digest != specs.digest_of(self.text):
            raise ProblemError(
                409,
                f"{self.spec_path.name} was changed elsewhere since the page last read it",
                title="changed elsewhere",
                current=self.text,
                digest=specs.digest_of(self.text),
                fix="take over the other text, or save yours over it; undo brings the other one back",
            )

    def _save_text(self, text: str) -> None:
        if not self.folder.is_dir():
            raise ProblemError(
                503,
                f"the folder {self.folder} is not there, so nothing can be saved",
                fix="bring the folder back: nothing that is on the page is lost",
            )
        replace_file(self.spec_path, text.encode("utf-8", "surrogatepass"))
        self.state.spec_digest = specs.digest_of(text)

    def _set(self, text: str, *, wake: bool = True) -> None:
        """Take a text over, and begin to judge by it."""
        self.checked = specs.checked(Source(str(self.spec_path), text))
        self.revision += 1
        if self.checked.program is not None:
            before, self.good = self.good, self.checked
            self.respecced(before)
        self.announce({"type": "revision", "revision": self.revision})
        if wake:
            self.wake()

    def reread(self) -> None:
        """Check the text again, as a file that it names has changed."""
        with self.lock:
            self._set(self.text)

    def respecced(self, before: specs.Checked) -> None:
        """Called with the last spec before, once there is another one without errors."""

    def touched(self, key: str) -> None:
        """Called with the id of a photo whose mark or annotations were undone or redone."""

    def _adopt(self) -> bool:
        """Take over what was written to the spec's file elsewhere; whether something was."""
        try:
            text = self._settled_text()
        except InputError:
            return False
        if text is None or specs.digest_of(text) == self.state.spec_digest:
            return False
        self.state.note(splice(self.text, text))
        self.state.spec_digest = specs.digest_of(text)
        self.state.save()
        self._set(text)
        self.announce({"type": "spec", "spec": self.spec_document()})
        return True

    # --- steps

    def undo(self) -> None:
        """Undo the last step.

        Raises
        ------
        ProblemError
            If there is none.
        """
        with self.lock:
            if not self.state.done:
                raise ProblemError(409, "there is nothing to undo")
            self._apply(self.state.steps[self.state.done - 1], undo=True)

    def redo(self) -> None:
        """Make the step again that was undone last.

        Raises
        ------
        ProblemError
            If there is none.
        """
        with self.lock:
            if self.state.done == len(self.state.steps):
                raise ProblemError(409, "there is nothing to redo")
            self._apply(self.state.steps[self.state.done], undo=False)

    def _apply(self, step: Step, *, undo: bool) -> None:
        if step["kind"] == "spec":
            self._writable()
            if self._adopt():  # which is now the last step
                raise ProblemError(
                    409, f"{self.spec_path.name} was changed elsewhere meanwhile", title="changed elsewhere"
                )
            text = spliced(self.text, step, undo=undo)
            if text is None:
                raise ProblemError(409, "the spec is not the one that this step was made on")
            self._save_text(text)
            self._step_done(undo=undo)
            self._set(text)
        else:
            self.state.put(step["kind"], step["photo"], step["old" if undo else "new"])
            self._step_done(undo=undo)
            self.touched(step["photo"])

    def _step_done(self, *, undo: bool) -> None:
        self.state.done += -1 if undo else 1
        self.state.save()

    def put(self, kind: Any, photo: Photo, value: Any) -> None:
        """Set the mark or the annotations of a photo, and save them."""
        with self.lock:
            before = self.state.copy()
            old = self.state.put(kind, photo.id, value)
            if old == value:
                return
            self.state.note({"kind": kind, "photo": photo.id, "old": old, "new": value})
            try:
                self.state.save()
            except InputError:
                self.state = before
                raise


def spec_of(folder: Path) -> Path:
    """The spec of a folder: the one named like it, or else the only one in it; it need not exist."""
    named = folder / f"{folder.name or 'parts'}.logic"
    here = sorted(folder.glob("*.logic"))
    return here[0] if len(here) == 1 and not named.exists() else named
