/** A page of the journal or of the guides: title, and its first sentence. */
export type Article = readonly [title: string, text: string];

export const JOURNAL: readonly Article[] = [
  ["The bees are back", "The first blue banded bee of the season slept on the lavender last night."],
  ["A frost in the lily bed", "We lost two trays of bulbine and learned where the cold air settles."],
  ["Why bees sleep on stems", "The males clamp their jaws on a stalk at dusk and hang there until morning."],
  ["Seed collecting in January", "Paper bags, a soft pencil, and more patience than daylight."],
  ["Mud bricks for nests", "Soft clay, finger-wide holes, a dry shelf: the females did the rest."],
  ["The year of the wattle", "Everything flowered at once, and everybody sneezed."],
  ["A visit from Year Four", "Twenty-six children, one bee, and complete silence for a minute."],
  ["Watering less", "We turned half the drippers off in spring. Nothing noticed."],
  ["Tomatoes and buzzing", "Glasshouses shake their tomatoes by hand. Ours have bees."],
  ["Propagating banksias", "Smoke, heat, and sand that never quite dries."],
  ["A new shade house", "Forty posts, one long weekend, no straight lines."],
  ["Lilies for dry shade", "Dianella grows where the hose does not reach and the gum tree drinks first."],
  ["Notes on mulch", "Coarse, thin, and never against the stem."],
  ["The shed swallows", "They built above the potting bench, so we pot elsewhere until Christmas."],
  ["Ten plants for a balcony", "All of them happy in a pot as wide as a dinner plate."],
  ["After the storm", "The climbers held the fence up."],
  ["Spring stock list", "What is ready now, and what is worth waiting for."],
  ["Mint bushes in pots", "Cut them back by a third the day the last flower drops."],
  ["Counting bees", "Ten minutes, one square metre, a pencil: the count is open to everyone."],
  ["Soil from the creek flat", "Heavy, sweet, and full of worms after the flood."],
  ["Grafting day", "Scarlet banksia on a coastal rootstock: eleven of twelve took."],
  ["An open gate weekend", "Tea under the bower vine, and the bees on time."],
  ["Autumn planting", "The soil is warm, the air is kind, and rain does the work."],
];

export const GUIDES: readonly Article[] = [
  ["A garden for blue banded bees", "Something blue in every month, some bare clay, and no sprays."],
  ["Planting calendar", "What to sow, plant and prune, for every month and every district."],
  ["Choosing a banksia", "By height, by soil, and by how much wind it will meet."],
  ["Buzz pollination", "How a bee opens a flower that keeps its pollen in a pepper pot."],
  ["Growing lilies from seed", "Fresh seed, cool nights, and a label that lasts two winters."],
  ["Pruning mint bushes", "Little and often, and never into bare wood."],
  ["Bee nests of clay", "A weekend's work that is used for years."],
  ["Starting with daisies", "A sunny square metre that flowers by Christmas."],
];
