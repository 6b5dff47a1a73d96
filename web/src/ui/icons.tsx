// The page's icons, drawn on a 20-pixel grid in the colour of the text around them.

import type { ComponentChildren } from "preact";

function Icon({ children }: { children: ComponentChildren }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width="1.6"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {children}
    </svg>
  );
}

const draw = (path: string) => () => (
  <Icon>
    <path d={path} />
  </Icon>
);

export const SendIcon = draw("M10 16V4.5M5 9l5-5 5 5");
export const NewIcon = draw("M10 4.5v11M4.5 10h11");
export const MenuIcon = draw("M3.5 6h13M3.5 10h13M3.5 14h8");
export const CloseIcon = draw("M5.5 5.5l9 9M14.5 5.5l-9 9");
export const CopyIcon = draw(
  "M7.5 7.5V5A1.5 1.5 0 0 1 9 3.5h6A1.5 1.5 0 0 1 16.5 5v6a1.5 1.5 0 0 1-1.5 1.5h-2.5M5 7.5h6A1.5 1.5 0 0 1 12.5 9v6a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 15V9A1.5 1.5 0 0 1 5 7.5z",
);
export const AttachIcon = draw(
  "M14.5 9l-5.2 5.2a3 3 0 0 1-4.3-4.3l6-6a2 2 0 0 1 2.9 2.9l-5.9 5.9a1 1 0 0 1-1.5-1.4L11.500 6.500",
);
export const FileIcon = draw(
  "M6 3.500h5l3.500 3.500v9.500H6zM11 3.500V7h3.500M8.500 10.500h3.500M8.500 13.500h3.500",
);
export const SettingsIcon = draw("M3.500 6H9M13 6h3.500M3.500 14H7M11 14h5.500M11 4v4M9 12v4");
export const SearchIcon = draw("M9 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM13 13l3.5 3.5");
export const DoneIcon = draw("M4.5 10.5l3.5 3.5 7.5-8");
export const RetryIcon = draw("M15.5 6.5A6.5 6.5 0 1 0 16.5 10M16 3v4h-4");
export const EditIcon = draw(
  "M4.5 15.5l.8-3.300L13 4.500a1.450 1.450 0 0 1 2.050 0l.45.45a1.450 1.450 0 0 1 0 2.050L7.800 14.700z",
);
export const BackIcon = draw("M12 5l-5 5 5 5");
export const ForwardIcon = draw("M8 5l5 5-5 5");
export const DownIcon = draw("M5.5 8l4.5 4.5L14.5 8");
export const ArrowDownIcon = draw("M10 4v12M5 11l5 5 5-5");

export function StopIcon() {
  return (
    <svg class="icon" viewBox="0 0 20 20" aria-hidden="true">
      <rect x="5.5" y="5.5" width="9" height="9" rx="1.5" fill="currentColor" />
    </svg>
  );
}

export function MoreIcon() {
  return (
    <svg class="icon" viewBox="0 0 20 20" fill="currentColor" aria-hidden="true">
      <circle cx="4.5" cy="10" r="1.4" />
      <circle cx="10" cy="10" r="1.4" />
      <circle cx="15.5" cy="10" r="1.4" />
    </svg>
  );
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="9" fill="var(--accent)" />
      <path
        d="M8 9h4.5c6.5 0 4 14 10.500 14H24"
        fill="none"
        stroke="var(--on-accent)"
        stroke-width="3.6"
        stroke-linecap="round"
      />
      <path
        d="M21 7.500v6.500"
        stroke="var(--on-accent)"
        stroke-opacity=".65"
        stroke-width="3"
        stroke-linecap="round"
      />
    </svg>
  );
}
