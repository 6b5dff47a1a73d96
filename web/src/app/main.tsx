import { render } from "preact";
import { speak } from "../strings/language";
import { AnswerText } from "../ui/answer-text";
import { createApi } from "../wire/api";
import { App } from "./app";
import { watchConnection } from "./connection";
import { pagePorts } from "./page-ports";
import { conversationOf } from "./routes";
import { watchVisibleHeight } from "./visible-height";
import { Workspace } from "./workspace";
import "./look.css";
import "./page.css";
import "./chat.css";
import "./chats.css";
import "./files.css";
import "./turn.css";
import "./prose.css";

const workspace = new Workspace(
  pagePorts(createApi((input, init) => fetch(input, init))),
  localStorage,
  sessionStorage,
);

window.addEventListener("popstate", () => workspace.show(conversationOf(location.pathname)));

watchVisibleHeight(window.visualViewport);
watchConnection(() => void workspace.cameBack());

const root = document.getElementById("app");
void workspace.start();
// Beside the first calls; who is offline reads plain text, and a text that is shown tries again.
AnswerText.fetch().catch(() => undefined);
await speak(localStorage);
if (root !== null) render(<App workspace={workspace} />, root);
