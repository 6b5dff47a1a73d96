import "katex/dist/katex.min.css";
import { code } from "@streamdown/code";
import { math } from "@streamdown/math";
import { createElement } from "react";
import { Streamdown } from "streamdown";
import { offerReact } from "./react-root";

const plugins = { code, math };
offerReact((text, isDone) => createElement(Streamdown, { isAnimating: !isDone, plugins }, text));
