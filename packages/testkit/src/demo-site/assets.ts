export const STYLESHEET_PATH = "/assets/garden.css";
export const SYMBOL_PATH = "/assets/banksia.svg";

export const STYLESHEET = `:root { --leaf: #2f4a3a; --blue: #3f6fb5; --sand: #faf6ec; }
body { margin: 0 auto; max-width: 42rem; padding: 1rem; background: var(--sand); color: #26302a; }
body { font: 1.05rem/1.6 Georgia, "Times New Roman", serif; }
h1, h2 { color: var(--leaf); line-height: 1.2; }
a { color: var(--blue); }
header { display: flex; align-items: center; gap: 1rem; border-bottom: 2px solid var(--leaf); }
header ul, footer ul { display: flex; flex-wrap: wrap; gap: 0 1rem; padding: 0; list-style: none; }
footer { margin-top: 3rem; border-top: 1px solid #d8cfb8; padding-top: 1rem; font-size: 0.9rem; }
`;

export const SYMBOL = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 48 48">
  <path d="M24 46V20" stroke="#6b4f35" stroke-width="3"/>
  <path d="M24 40C14 40 8 34 6 26c10 0 16 5 18 14Zm0 0c10 0 16-6 18-14-10 0-16 5-18 14Z" fill="#2f4a3a"/>
  <rect x="17" y="4" width="14" height="26" rx="7" fill="#d9a441"/>
  <path d="M17 11h14M17 16h14M17 21h14" stroke="#b07d22" stroke-width="1.5"/>
</svg>
`;
