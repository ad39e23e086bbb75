// The language server, over a web socket that is opened again when it is lost.
import { languageServerExtensions, LSPClient, type Transport } from "@codemirror/lsp-client";
import type { Extension } from "@codemirror/state";
import { effect } from "@preact/signals";
import { socketAddress } from "./api";
import { connected, spec } from "./state";

function uriOf(path: string): string {
  const slashes = path.replaceAll("\\", "/");
  return `file://${slashes.startsWith("/") ? "" : "/"}${slashes.split("/").map(encodeURIComponent).join("/")}`;
}

async function transport(socket: WebSocket): Promise<Transport> {
  const handlers = new Set<(message: string) => void>();
  socket.addEventListener("message", (e) => {
    for (const handle of handlers) handle(String(e.data));
  });
  await new Promise<void>((resolve, reject) => {
    socket.addEventListener("open", () => resolve(), { once: true });
    socket.addEventListener("close", () => reject(new Error("the language server cannot be reached")), { once: true });
  });
  return {
    send: (message) => socket.send(message),
    subscribe: (handle) => void handlers.add(handle),
    unsubscribe: (handle) => void handlers.delete(handle),
  };
}

/** Gives the editor its extension, and another one after each reconnection; the result ends it. */
export function languageServer(use: (extension: Extension) => void): () => void {
  let socket: WebSocket | null = null;
  const stop = effect(() => {
    const path = spec.value?.path;
    if (!connected.value || !path || socket) return;
    const opened = new WebSocket(socketAddress("/api/lsp"));
    socket = opened;
    opened.addEventListener("close", () => {
      if (socket === opened) socket = null;
    });
    void transport(opened).then(
      (t) => {
        const client = new LSPClient({ timeout: 8000, extensions: languageServerExtensions() });
        client.connect(t);
        opened.addEventListener("close", () => client.disconnect());
        use(client.plugin(uriOf(path), "logic"));
      },
      () => {}, // the status bar says that the connection is lost
    );
  });
  return () => {
    stop();
    socket?.close();
  };
}
