export { type ScalerOptions, startScaler } from "./scaler.ts";
