package io.adamant.reproduce;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What all claims of a scale share.
 *
 * @param about model, tokens and machine in words
 * @param corpus the text and how anyone obtains it
 * @param chosen how model, text and batch were chosen; may be empty
 * @param gridSeed of grids
 * @param freshSeeds that rates are chosen on
 * @param comparedSeeds that chosen rates are compared on; where there are none, those that chose
 * @param extensions rates that a grid may grow by at each end
 * @param base settings of the base run, as written
 */
public record ScaleFile(
    String about,
    String corpus,
    String chosen,
    long gridSeed,
    List<Long> freshSeeds,
    List<Long> comparedSeeds,
    int extensions,
    JsonNode base) {

  /** Takes a copy. */
  public ScaleFile {
    freshSeeds = List.copyOf(freshSeeds);
    comparedSeeds = List.copyOf(comparedSeeds);
  }

  static final String FOLDER = "scales";

  private static Path file(Path claims, Scale scale) {
    return claims.resolve(FOLDER).resolve(scale.word() + ".yaml");
  }

  /** Those of the scales that a folder describes. */
  static Map<Scale, ScaleFile> all(Path claims) {
    Map<Scale, ScaleFile> scales = new EnumMap<>(Scale.class);
    for (Scale scale : Scale.values()) {
      if (Files.exists(file(claims, scale))) {
        scales.put(scale, read(claims, scale));
      }
    }
    return scales;
  }

  static ScaleFile read(Path claims, Scale scale) {
    Yaml file = Yaml.read(file(claims, scale));
    file.only(List.of("about", "corpus", "chosen", "seeds", "extensions", "base"));
    Yaml seeds = file.mapping("seeds");
    seeds.only(List.of("grid", "fresh", "compare"));
    long grid = seeds.whole("grid", 0, Integer.MAX_VALUE);
    List<Long> fresh = seeds(seeds, "fresh", List.of(grid));
    List<Long> used = new ArrayList<>(fresh);
    used.add(grid);
    List<Long> compared = seeds.has("compare") ? seeds(seeds, "compare", used) : List.of();
    return new ScaleFile(
        file.text("about"),
        file.text("corpus"),
        file.optionalText("chosen").orElse(""),
        grid,
        fresh,
        compared,
        file.whole("extensions", 0, 10),
        file.mapping("base").node());
  }

  /** Two or more seeds, none of them in use. */
  static List<Long> seeds(Yaml file, String key, List<Long> taken) {
    List<Long> seeds = new ArrayList<>();
    for (Yaml item : file.items(key)) {
      if (!item.node().isInt() || item.node().asInt() < 0) {
        throw InputException.badValue(item.path(), item.node().asText(), "a whole number")
            .at(item.file());
      }
      seeds.add((long) item.node().asInt());
    }
    if (seeds.size() < 2 || seeds.stream().distinct().count() < seeds.size()) {
      throw file.bad(key, "two or more seeds, each once");
    }
    if (seeds.stream().anyMatch(taken::contains)) {
      throw InputException.badValue(
              file.at(key).path(),
              seeds,
              "seeds that are used for nothing else, as " + taken + " are")
          .at(file.file());
    }
    return List.copyOf(seeds);
  }
}
