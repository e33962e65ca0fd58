/** What the nursery grows, by bed. */
export interface Bed {
  readonly slug: string;
  readonly title: string;
  readonly text: string;
  readonly plants: readonly Plant[];
}

/** Common name, botanical name, height in metres, flowering season. */
export type Plant = readonly [name: string, botanical: string, metres: number, season: string];

export const BEDS: readonly Bed[] = [
  {
    slug: "banksias",
    title: "Banksias",
    text: "Candles of nectar through the cold months, when little else feeds the honeyeaters.",
    plants: [
      ["Coast Banksia", "Banksia integrifolia", 9, "autumn to spring"],
      ["Saw Banksia", "Banksia serrata", 6, "summer"],
      ["Heath Banksia", "Banksia ericifolia", 4, "winter"],
      ["Hairpin Banksia", "Banksia spinulosa", 2, "autumn"],
      ["Swamp Banksia", "Banksia robur", 2, "all year"],
      ["Silver Banksia", "Banksia marginata", 3, "late summer"],
      ["Scarlet Banksia", "Banksia coccinea", 3, "spring"],
    ],
  },
  {
    slug: "lilies",
    title: "Lilies",
    text: "Blue stars on thin stems. The bees hang from them and shake the pollen loose.",
    plants: [
      ["Blue Flax-lily", "Dianella caerulea", 0.6, "spring"],
      ["Black-anther Flax-lily", "Dianella revoluta", 0.8, "spring"],
      ["Chocolate Lily", "Arthropodium strictum", 0.5, "spring"],
      ["Vanilla Lily", "Arthropodium milleflorum", 0.6, "early summer"],
      ["Bulbine Lily", "Bulbine bulbosa", 0.5, "spring"],
      ["Fringe Lily", "Thysanotus tuberosus", 0.4, "summer"],
      ["Blue Grass-lily", "Caesia calliantha", 0.3, "late spring"],
    ],
  },
  {
    slug: "buzz-flowers",
    title: "Buzz flowers",
    text: "Their anthers open only to the right note. Blue banded bees sing it about 350 times a second.",
    plants: [
      ["Climbing Guinea Flower", "Hibbertia scandens", 2, "all year"],
      ["Grey Guinea Flower", "Hibbertia obtusifolia", 0.5, "spring"],
      ["Rough Guinea Flower", "Hibbertia aspera", 0.6, "spring"],
      ["Kangaroo Apple", "Solanum laciniatum", 2.5, "spring"],
      ["Silver Cassia", "Senna artemisioides", 2, "winter"],
      ["Southern Cassia", "Senna odorata", 2, "all year"],
      ["Black-eyed Susan", "Tetratheca thymifolia", 0.8, "spring"],
    ],
  },
  {
    slug: "mints",
    title: "Mint bushes",
    text: "Purple, scented, and busy from the first warm morning.",
    plants: [
      ["Round-leaf Mint Bush", "Prostanthera rotundifolia", 2, "spring"],
      ["Alpine Mint Bush", "Prostanthera cuneata", 1, "summer"],
      ["Snowy Mint Bush", "Prostanthera nivea", 2, "spring"],
      ["Cut-leaf Mint Bush", "Prostanthera incisa", 2, "spring"],
      ["Coast Rosemary", "Westringia fruticosa", 1.5, "all year"],
      ["Austral Bugle", "Ajuga australis", 0.2, "spring"],
      ["River Mint", "Mentha australis", 0.5, "summer"],
    ],
  },
  {
    slug: "daisies",
    title: "Daisies",
    text: "Easy, quick and cheerful: where a first native garden begins.",
    plants: [
      ["Everlasting Daisy", "Xerochrysum bracteatum", 0.8, "all year"],
      ["Cut-leaf Daisy", "Brachyscome multifida", 0.3, "all year"],
      ["Swan River Daisy", "Brachyscome iberidifolia", 0.3, "spring"],
      ["Common Everlasting", "Chrysocephalum apiculatum", 0.4, "spring"],
      ["Billy Buttons", "Pycnosorus globosus", 0.7, "summer"],
      ["Snowy Daisy-bush", "Olearia lirata", 3, "spring"],
      ["Hoary Sunray", "Leucochrysum albicans", 0.3, "spring"],
    ],
  },
  {
    slug: "climbers",
    title: "Climbers",
    text: "For fences, posts and the side of the shed that nobody has painted.",
    plants: [
      ["Purple Coral Pea", "Hardenbergia violacea", 3, "late winter"],
      ["Dusky Coral Pea", "Kennedia rubicunda", 4, "spring"],
      ["Running Postman", "Kennedia prostrata", 0.1, "winter"],
      ["Old Man's Beard", "Clematis aristata", 5, "spring"],
      ["Wonga Vine", "Pandorea pandorana", 6, "spring"],
      ["Bower Vine", "Pandorea jasminoides", 5, "summer"],
      ["Love Creeper", "Comesperma volubile", 3, "spring"],
    ],
  },
];
