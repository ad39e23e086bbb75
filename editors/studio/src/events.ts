// The server's events: a web socket that connects again by itself.
import { changedElsewhere, dismissErrors, jobChanged, judgeShown, loadPhotos, photoChanged, reconnected, saveNow, guarded, complain } from "./actions";
import { renewToken, socketAddress } from "./api";
import * as s from "./state";
import type { StudioEvent } from "./types";

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;

export function listen(): void {
  let wait = FIRST_WAIT_MS;
  let before = false;
  const open = () => {
    const socket = new WebSocket(socketAddress("/api/events"));
    socket.addEventListener("open", () => {
      wait = FIRST_WAIT_MS;
      s.connected.value = true;
      if (before) guarded(reconnected)();
      before = true;
    });
    socket.addEventListener("message", (e) => take(JSON.parse(String(e.data)) as StudioEvent));
    socket.addEventListener("close", () => {
      s.connected.value = false;
      s.progress.value = null;
      setTimeout(() => void renewToken().catch(() => false).then(open), wait);
      wait = Math.min(LONGEST_WAIT_MS, wait * 1.6);
    });
  };
  open();
}

let reload: ReturnType<typeof setTimeout> | undefined;

function take(event: StudioEvent): void {
  switch (event.type) {
    case "progress":
      s.progress.value = event.done < event.total ? event : null;
      // a filter's list, or one sorted by score, is read again when judging ends
      if (event.done >= event.total) reloadSoon();
      break;
    case "photo":
      if (!s.photos.value.some((p) => p.id === event.photo.id)) reloadSoon();
      photoChanged(event.photo);
      break;
    case "spec":
      if (event.spec.revision > (s.spec.value?.revision ?? 0) && s.saving.value !== "saving") changedElsewhere(event.spec);
      break;
    case "folder":
      s.folderGone.value = event.ok ? null : (event.message ?? "the folder is gone");
      dismissErrors();
      if (event.ok) {
        guarded(saveNow)();
        reloadSoon();
      }
      break;
    case "job":
      jobChanged(event.job);
      break;
    case "revision":
      if (s.judgement.value && event.revision > s.judgement.value.revision && s.saving.value === "saved") judgeShown().catch(complain);
      break;
  }
}

function reloadSoon(): void {
  clearTimeout(reload);
  reload = setTimeout(guarded(loadPhotos), 200);
}
