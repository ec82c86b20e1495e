package io.adamant.cli;

import io.adamant.base.InputException;
import io.adamant.base.Json;
import io.adamant.chart.Table;
import io.adamant.data.CacheContents;
import io.adamant.data.CacheContents.Entry;
import io.adamant.data.CacheDirectory;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code adamant cache}. */
@Command(
    name = "cache",
    description = {
      "List what the cache holds, or remove from it what nobody uses now.",
      "All of it is made again when it is wanted. prune shows what it would remove; --yes removes it."
    },
    footer = {
      "",
      "Examples:",
      "  ./adamant cache list",
      "  ./adamant cache prune --older-than 30d          what was not used for so long",
      "  ./adamant cache prune --max-size 10GB --yes     the oldest, until no more is left"
    })
final class CacheCommand implements Callable<Integer> {
  private static final Pattern AGE = Pattern.compile("([0-9]{1,6})([dhw])");
  private static final Map<String, Duration> AGES =
      Map.of("h", Duration.ofHours(1), "d", Duration.ofDays(1), "w", Duration.ofDays(7));
  private static final Pattern SIZE =
      Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,3})?) ?([KMGT])(i?)B");
  private static final String UNITS = "KMGT";

  private enum Action {
    LIST,
    PRUNE
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "list|prune", description = "What to do.")
  private String action;

  @Option(
      names = "--older-than",
      paramLabel = "AGE",
      description = "prune: only what was last used so long ago, such as 12h, 30d or 8w.")
  private String age;

  @Option(
      names = "--max-size",
      paramLabel = "SIZE",
      description = "prune: only the oldest, until so much is left, such as 500MB or 10GB.")
  private String size;

  @Option(names = "--yes", description = "prune: remove it.")
  private boolean yes;

  @Option(names = "--json", description = "Print JSON instead of a table.")
  private boolean json;

  @Override
  public Integer call() {
    Action wanted = Words.of("cache", Action.class, action);
    if (wanted == Action.LIST && (age != null || size != null || yes)) {
      throw new InputException("--older-than, --max-size and --yes are for cache prune");
    }
    Optional<Duration> oldest = Optional.ofNullable(age).map(CacheCommand::age);
    Optional<Long> most = Optional.ofNullable(size).map(CacheCommand::bytes);
    Path directory = CacheDirectory.ofUser();
    CacheContents cache = new CacheContents(directory);
    List<Entry> entries = cache.entries();
    List<Entry> shown =
        wanted == Action.LIST ? entries : chosen(entries, oldest, most, Instant.now());
    List<Entry> removed = new ArrayList<>();
    if (yes) {
      shown.stream().filter(cache::remove).forEach(removed::add);
      shown = removed;
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.print(Json.pretty(shown.stream().map(CacheCommand::fields).toList()));
    } else {
      print(out, directory, wanted, shown);
    }
    out.flush();
    return 0;
  }

  /** What nobody uses and is old enough, the oldest first, as long as there is too much. */
  static List<Entry> chosen(
      List<Entry> entries, Optional<Duration> oldest, Optional<Long> most, Instant now) {
    long left = entries.stream().mapToLong(Entry::bytes).sum();
    List<Entry> chosen = new ArrayList<>();
    for (Entry entry : entries.stream().sorted(Comparator.comparing(Entry::used)).toList()) {
      boolean old = oldest.isEmpty() || entry.used().isBefore(now.minus(oldest.get()));
      if (!entry.inUse() && old && (most.isEmpty() || left > most.get())) {
        chosen.add(entry);
        left -= entry.bytes();
      }
    }
    return chosen;
  }

  static Duration age(String text) {
    Matcher matcher = AGE.matcher(text);
    if (!matcher.matches()) {
      throw InputException.badValue("--older-than", text, "a number with h, d or w, such as 30d");
    }
    return AGES.get(matcher.group(2)).multipliedBy(Long.parseLong(matcher.group(1)));
  }

  static long bytes(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw InputException.badValue(
          "--max-size", text, "a number with KB, MB, GB or TB (or KiB and so on), such as 10GB");
    }
    long base = matcher.group(3).isEmpty() ? 1000 : 1024;
    BigDecimal unit = BigDecimal.valueOf(base).pow(UNITS.indexOf(matcher.group(2)) + 1);
    return new BigDecimal(matcher.group(1)).multiply(unit).longValue();
  }

  private void print(PrintWriter out, Path directory, Action wanted, List<Entry> entries) {
    long bytes = entries.stream().mapToLong(Entry::bytes).sum();
    if (!entries.isEmpty()) {
      out.print(table(entries).terminal(Integer.getInteger("adamant.columns", 80)));
      out.println();
    }
    String what = wanted == Action.LIST ? "holds" : yes ? "lost" : "would lose";
    out.println(
        "%s %s %s%s"
            .formatted(
                directory,
                what,
                entries.isEmpty() ? "nothing" : PrepareCommand.size(bytes),
                wanted == Action.PRUNE && !yes && !entries.isEmpty() ? "; --yes removes it" : ""));
  }

  private static Table table(List<Entry> entries) {
    return new Table.Columns<Entry>()
        .text("for", Entry::about)
        .text("what", entry -> Words.of(entry.kind()))
        .add(
            new Table.Column("", "size", "size", true), entry -> PrepareCommand.size(entry.bytes()))
        .text("last used", entry -> day(entry.used()))
        .text("in use", entry -> entry.inUse() ? "yes" : "no")
        .of("", entries);
  }

  private static String day(Instant time) {
    return time.atZone(ZoneId.systemDefault()).toLocalDate().toString();
  }

  private static Map<String, Object> fields(Entry entry) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("what", Words.of(entry.kind()));
    fields.put("for", entry.about());
    fields.put("bytes", entry.bytes());
    fields.put("last_used", entry.used().truncatedTo(ChronoUnit.SECONDS).toString());
    fields.put("in_use", entry.inUse());
    fields.put("files", entry.files().stream().map(Path::toString).toList());
    return fields;
  }
}
