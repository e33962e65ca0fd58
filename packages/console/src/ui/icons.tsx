const PATHS = {
  jobs: "M3 4h14M3 10h14M3 16h9",
  fleet: "M3 17V9m5 8V4m5 13v-6m5 6V7",
  domains: "M10 2a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM2 10h16M10 2c-5 5-5 11 0 16M10 2c5 5 5 11 0 16",
  alerts: "M10 3a5 5 0 0 0-5 5c0 5-2 6-2 6h14s-2-1-2-6a5 5 0 0 0-5-5zM8.500 17a1.600 1.600 0 0 0 3 0",
  keys: "M12.500 2.500a5 5 0 1 1-3.700 8.300L3 16.600V18h3v-2h2v-2h2l.8-.8M13.500 6.500h.01",
  queues: "M4 3h12v4H4zM4 9h12v4H4zM4 15h12v2H4z",
} as const;

export function Icon({ name }: { readonly name: keyof typeof PATHS }) {
  return (
    <svg
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
