import { render } from "preact";
import { speak } from "../strings/language";
import { createApi } from "../wire/api";
import { App } from "./app";
import { watchConnection } from "./connection";
import { pagePorts } from "./page-ports";
import { conversationOf } from "./routes";
import { Workspace } from "./workspace";
import "./look.css";
import "./page.css";
import "./chat.css";
import "./turn.css";
import "./prose.css";

const workspace = new Workspace(
  pagePorts(createApi((input, init) => fetch(input, init))),
  localStorage,
  sessionStorage,
);

window.addEventListener("popstate", () => workspace.show(conversationOf(location.pathname)));
// Another tab or device may have gone on: look again when somebody looks here again.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) void workspace.refresh();
});

watchConnection(() => void workspace.cameBack());

const root = document.getElementById("app");
void workspace.start();
await speak(localStorage);
if (root !== null) render(<App workspace={workspace} />, root);
