import { expect, test } from "@jest/globals";
import { type Paint, plain } from "./paint.ts";
import { formatTable } from "./table.ts";

test("aligns columns, numbers at the right, without trailing blanks", () => {
  const rows = [
    ["name", "pages", "note"],
    ["a", "7", ""],
    ["longer", "1,234", "x"],
  ];
  expect(formatTable(rows, { paint: plain, width: 80, right: [1], flexible: [0] })).toEqual([
    "name    pages  note",
    "a           7",
    "longer  1,234  x",
  ]);
});

test("cuts the flexible column where a row would be too long", () => {
  const lines = formatTable([["404", "/a/path/that/goes/on/and/on", "found on /"]], {
    paint: plain,
    width: 40,
    flexible: [1],
    indent: 2,
  });
  expect(lines).toEqual(["  404  /a/path/th…/on/and/on  found on /"]);
  expect(lines[0]!.length).toBeLessThanOrEqual(40);
});

test("colours do not count as width", () => {
  const bold: Paint = (style, text) => `<${style}>${text}</>`;
  const rows = [
    [{ text: "red", style: "red" as const }, "b"],
    ["longer", "b"],
  ];
  expect(formatTable(rows, { paint: bold, width: 80, flexible: [0] })).toEqual([
    "<red>red   </>  b",
    "longer  b",
  ]);
});

test("control characters in a cell are made harmless", () => {
  expect(formatTable([["a\u001b[31m\nb"]], { paint: plain, width: 80, flexible: [0] })).toEqual([
    "a\ufffd[31m\ufffdb",
  ]);
});

test("no rows are no lines", () => {
  expect(formatTable([], { paint: plain, width: 80, flexible: [0] })).toEqual([]);
});
