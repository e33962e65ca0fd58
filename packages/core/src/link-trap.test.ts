import { expect, test } from "@jest/globals";
import { linkTrap } from "./link-trap.ts";

const now = () => Date.parse("2026-06-15T00:00:00Z");
const trap = (path: string) => linkTrap(new URL(path, "https://example.com"), now);

test.each([
  "/",
  "/a/b/c/d/e/f/g/h",
  "/en/shop/en/shop",
  "/blog/2019/05/01/a-post",
  "/archive/1998/12",
  "/2026/06/15/2026-06-15",
  "/1/1/2",
  "/viewtopic.php?f=2&t=1234&start=20",
  "/search?q=a&page=2&sort=price&colour=red&size=m&brand=x&min=1&max=9",
  "/events/2027/03",
  "/events/2022/03",
  "/calendar?month=2026-07",
  "/product/3000",
  "/rooms/2400/suite",
  "/sitemap?sid=3",
  "/?from=home&start=40",
  "/report?year=2021",
  "/item/20310501",
  "/forum/2900/2",
  "/list?start=1990",
  "/events/spring-fair",
])("%s is a link like others", (path) => {
  expect(trap(path)).toBeNull();
});

test.each([
  [`/${"a/".repeat(3)}`, "paths that repeat themselves"],
  ["/shop/a/b/a/b/a/b", "paths that repeat themselves"],
  ["/x/a/b/c/a/b/c/a/b/c/y", "paths that repeat themselves"],
  [`/${Array.from({ length: 16 }, (_, i) => i).join("/")}`, "paths of more than 15 segments"],
  [`/?${Array.from({ length: 9 }, (_, i) => `f${i}=1`).join("&")}`, "queries of more than 8 parameters"],
  [`/?${"a=1&".repeat(200)}`, "queries of more than 8 parameters"],
  ["/a?PHPSESSID=0123", "session ids"],
  ["/a;jsessionid=0123?b", "session ids"],
  ["/calendar/2031/05", "calendars without end"],
  ["/calendar/2031-05-01", "calendars without end"],
  ["/calendar/1970/01", "calendars without end"],
  ["/2031/05/", "calendars without end"],
  ["/?month=2031-05", "calendars without end"],
  ["/?date=20310501", "calendars without end"],
  ["/?year=1970", "calendars without end"],
  ["/events/9999/12", "calendars without end"],
])("%s is one of endlessly many: %s", (path, reason) => {
  expect(trap(path)).toBe(reason);
});

test("a path is judged in little time, whatever it says", () => {
  expect(trap(`/${"a/b".repeat(600)}`)).toBe("paths of more than 15 segments");
});
