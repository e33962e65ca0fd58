import { useState } from "react";

const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const KEPT_AS = "bee-theme";

function apply(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}

const kept = localStorage.getItem(KEPT_AS) as Theme | null;
if (kept !== null) apply(kept);

/** Light, dark, or as the system has it. */
export function ThemePicker() {
  const [theme, setTheme] = useState<Theme>(kept ?? "system");
  return (
    <select
      className="input small"
      aria-label="Colours"
      value={theme}
      onChange={({ target }) => {
        const chosen = target.value as Theme;
        setTheme(chosen);
        localStorage.setItem(KEPT_AS, chosen);
        apply(chosen);
      }}
    >
      {THEMES.map((name) => (
        <option key={name}>{name}</option>
      ))}
    </select>
  );
}
