import { createElement } from "react";
import { Streamdown } from "streamdown";
import { offerReact } from "./react-root";

offerReact((text, isDone) => createElement(Streamdown, { isAnimating: !isDone }, text));
