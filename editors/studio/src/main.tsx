import { render } from "preact";
import { App } from "./app";
import "./page.css";
import "./parts.css";

render(<App />, document.getElementById("app")!);
