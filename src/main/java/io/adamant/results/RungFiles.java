package io.adamant.results;

import com.fasterxml.jackson.databind.JsonNode;
import io.adamant.base.DurableFiles;
import io.adamant.base.Json;
import io.adamant.base.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a study knows of its rungs, one file a fact, each written whole and by the owner of the run:
 *
 * <pre>
 * rungs/00000100/ID.json           the run reached the rung: its validation loss there
 * rungs/00000100/ID.stopped.json   it stopped there, with what was known at that time
 * rungs/00000100/ID.on.json        it went on from there, with what was known at that time
 * </pre>
 *
 * <p>A run has one loss at a step whoever trains it, so the first kind never changes. The last one
 * is final: a run that went on once is not stopped at that rung again, and one that stopped may go
 * on. Kills between two of them lose nothing: what is missing follows from what is there.
 */
public final class RungFiles {

  /** The folder in that of a study. */
  public static final String FOLDER = "rungs";

  private static final String ON = ".on.json";
  private static final String STOPPED = ".stopped.json";
  private static final String END = ".json";
  private static final String ID = "id";
  private static final String DECISION = "decision";
  private static final String RANK = "rank";
  private static final String OF = "of";
  private static final String KEPT = "kept";
  private static final String BY = "by";
  private static final String AT = "at";
  private static final String HAND = "by hand";

  private final Path root;
  private final Map<Long, Map<String, Double>> losses = new HashMap<>(); // never change
  private final Map<Long, Map<String, Boolean>> on = new HashMap<>(); // value: by hand

  /**
   * The files of a study.
   *
   * @param study its folder; nothing is made in it until something is written
   */
  public RungFiles(Path study) {
    root = study.resolve(FOLDER);
  }

  /**
   * Reads what is new of a rung.
   *
   * @param step of the rung
   */
  public void refresh(long step) {
    Path folder = folder(step);
    Map<String, Double> known = losses.computeIfAbsent(step, s -> new HashMap<>());
    Map<String, Boolean> gone = on.computeIfAbsent(step, s -> new HashMap<>());
    for (String name : names(folder)) {
      if (name.endsWith(ON)) {
        gone.computeIfAbsent(
            name.substring(0, name.length() - ON.length()),
            id -> Json.text(Json.object(folder.resolve(name)), DECISION).equals(HAND));
      } else if (name.endsWith(END) && !name.endsWith(STOPPED)) {
        known.computeIfAbsent(
            name.substring(0, name.length() - END.length()),
            id -> finite(Json.object(folder.resolve(name))));
      }
    }
  }

  private static double finite(JsonNode node) {
    double loss = Json.number(node, Metrics.VAL_LOSS);
    return Double.isFinite(loss) ? loss : Double.POSITIVE_INFINITY;
  }

  /**
   * Losses at a rung, as of the last {@link #refresh}.
   *
   * @param step of the rung
   * @return by run; infinite where not finite
   */
  public Map<String, Double> losses(long step) {
    return losses.getOrDefault(step, Map.of());
  }

  /**
   * Whether a run went on from a rung, as of the last {@link #refresh}.
   *
   * @param step of the rung
   * @param id its identity
   * @return true once that was decided
   */
  public boolean wentOn(long step, String id) {
    return on.getOrDefault(step, Map.of()).containsKey(id);
  }

  /** Whether a run was let on by the rule, which counts for all seeds of its setting. */
  boolean wentOnByRule(long step, String id) {
    return Boolean.FALSE.equals(on.getOrDefault(step, Map.of()).get(id));
  }

  /**
   * Steps of which there are losses.
   *
   * @param study its folder
   * @return rising; none of a study that stops no runs
   */
  public static List<Long> steps(Path study) {
    return names(study.resolve(FOLDER)).stream()
        .filter(name -> name.matches("\\d{8,18}"))
        .map(Long::parseLong)
        .sorted()
        .toList();
  }

  /** Notes that a run reached a rung. */
  void reached(long step, String id, double loss, String worker) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(ID, id);
    map.put(Metrics.STEP, step);
    map.put(Metrics.VAL_LOSS, StepMetrics.finite(loss));
    write(folder(step).resolve(id + END), map, worker);
  }

  /** Notes what was decided about a run, and from what. */
  void decided(Ladder.Place place, String id, boolean goesOn, String worker) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(ID, id);
    map.put(Metrics.STEP, place.step());
    map.put(DECISION, goesOn ? "goes on" : "stops");
    map.put(RANK, place.rank());
    map.put(OF, place.of());
    map.put(KEPT, place.kept());
    write(folder(place.step()).resolve(id + (goesOn ? ON : STOPPED)), map, worker);
  }

  /** Lets one run go on, whatever its rank; its setting's other seeds stay where they are. */
  void byHand(long step, String id, String worker) {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put(ID, id);
    map.put(Metrics.STEP, step);
    map.put(DECISION, HAND);
    write(folder(step).resolve(id + ON), map, worker);
  }

  /** The first to say it is the one whose word stays. */
  private static void write(Path file, Map<String, Object> map, String worker) {
    if (!Files.exists(file)) {
      map.put(BY, worker);
      map.put(AT, Instant.now().toString());
      DurableFiles.write(file, Json.line(map) + "\n");
    }
  }

  private Path folder(long step) {
    return root.resolve(String.format(Locale.ROOT, "%08d", step));
  }

  private static Set<String> names(Path folder) {
    Set<String> names = new HashSet<>();
    try (Stream<Path> files = Files.list(folder)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
      return names;
    } catch (NoSuchFileException | NotDirectoryException e) {
      return Set.of();
    } catch (IOException e) {
      throw new StorageException("list", folder, e);
    }
  }
}
