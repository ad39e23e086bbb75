// Starts the language server and restarts it when its command changes.

import * as vscode from "vscode";
import { LanguageClient, type DocumentSelector, type ServerOptions } from "vscode-languageclient/node";

let client: LanguageClient | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  context.subscriptions.push(
    vscode.commands.registerCommand("logidsl.restart", restart),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("logidsl.command") || event.affectsConfiguration("logidsl.yaml")) {
        await restart();
      }
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function restart(): Promise<void> {
  await client?.dispose();
  client = undefined;
  await start();
}

async function start(): Promise<void> {
  const settings = vscode.workspace.getConfiguration("logidsl");
  const [command, ...args] = settings.get<string[]>("command", ["logidsl", "lsp"]);
  const yaml = settings.get<string[]>("yaml", []);
  const selector: DocumentSelector = [
    { language: "logic" },
    ...yaml.map((pattern) => ({ scheme: "file", language: "yaml", pattern })),
  ];
  const server: ServerOptions = { command, args };
  client = new LanguageClient("logidsl", "LOGIC specs", server, {
    documentSelector: selector,
    initializationOptions: { logidsl: { sample: settings.get("sample"), photos: settings.get("photos") } },
    synchronize: {
      configurationSection: "logidsl",
      fileEvents: vscode.workspace.createFileSystemWatcher("**/*.{logic,yaml,yml,csv}"),
    },
  });
  try {
    await client.start();
  } catch (error) {
    const choice = await vscode.window.showErrorMessage(
      `The language server \`${[command, ...args].join(" ")}\` did not start: ${error}. ` +
        "Install it with pip install 'logidsl[editor]', or set logidsl.command.",
      "Open settings",
    );
    if (choice !== undefined) {
      await vscode.commands.executeCommand("workbench.action.openSettings", "logidsl.command");
    }
  }
}
