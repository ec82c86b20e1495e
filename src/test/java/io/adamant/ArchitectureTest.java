package io.adamant;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The house: which room may use which, and which libraries. README's figure says the same. */
class ArchitectureTest {

  private static final String BASE = "io.adamant.";
  private static final String MATH = "org.apache.commons.math3..";
  private static final String JACKSON = "com.fasterxml.jackson..";
  private static final String DJL = "ai.djl..";
  private static final String AUTO_SERVICE = "com.google.auto.service..";

  /** One room; the JDK and the package base are open to all. */
  private record Room(String name, List<String> rooms, List<String> libraries) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Room> ROOMS =
      List.of(
          room("base", "", JACKSON, "org.yaml.snakeyaml.."),
          room("config", "", JACKSON),
          room("theory", "", MATH),
          room("rules", "", MATH),
          room("stats", "", MATH),
          // A run's metrics are curves.
          room("results", "config stats", JACKSON),
          // A matched rate becomes a number of a configuration.
          room("simulate", "config theory rules stats", AUTO_SERVICE),
          room(
              "data",
              "",
              "com.knuddels.jtokkit..",
              DJL,
              "com.github.luben.zstd..",
              "org.tukaani.xz..",
              "org.apache.parquet..",
              "io.airlift.compress..",
              JACKSON),
          // Through JNA, which DJL brings, it reaches what DJL has no call for.
          room("tensor", "", DJL, JACKSON, "com.sun.jna.."),
          // Libraries of ranks are called through JNA too.
          room("parallel", "tensor", DJL, "com.sun.jna.."),
          room("model", "tensor config", DJL),
          room("optim", "tensor config results", DJL, AUTO_SERVICE),
          // Models of others, read and written.
          room("huggingface", "model data tensor config", DJL, JACKSON, AUTO_SERVICE),
          room(
              "train", "huggingface model optim data tensor config results parallel", DJL, JACKSON),
          room("inference", "train model optim data tensor config results stats", DJL, JACKSON),
          room("plan", "model optim data tensor config train parallel", DJL),
          room("measure", "theory stats simulate optim train tensor results", DJL),
          room(
              "onestep",
              "theory stats simulate train model data tensor config results",
              DJL,
              JACKSON),
          room("slurm", "", JACKSON),
          // A run is named by its data's hash, so a plan opens data, for a device.
          room("study", "config results data train stats slurm", JACKSON, DJL),
          // Claims are studies and simulations; their page is drawn as reports are.
          room(
              "reproduce",
              "config results train study simulate chart report stats theory",
              JACKSON),
          room("chart", "stats", JACKSON, "org.knowm.xchart.."),
          room("lab", "chart stats theory simulate onestep", JACKSON),
          room("report", "config results chart stats theory simulate", JACKSON),
          room("doctor", "train model optim data tensor config", DJL),
          room("pack", "config"),
          room(
              "cli",
              "config theory rules stats results simulate data tensor model optim train measure onestep study"
                  + " reproduce chart lab report huggingface plan inference doctor pack slurm parallel",
              "picocli..",
              "me.tongfei.progressbar..",
              JACKSON));

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.adamant");

  private static Room room(String name, String rooms, String... libraries) {
    List<String> used = rooms.isEmpty() ? List.of() : List.of(rooms.split(" ", -1));
    return new Room(name, used, List.of(libraries));
  }

  static List<Room> rooms() {
    return ROOMS;
  }

  @ParameterizedTest
  @MethodSource("rooms")
  void aRoomUsesOnlyWhatTheTableAllows(Room room) {
    String[] allowed =
        Stream.of(
                Stream.of("java..", BASE + "base..", BASE + room.name() + ".."),
                room.rooms().stream().map(name -> BASE + name + ".."),
                room.libraries().stream())
            .flatMap(packages -> packages)
            .toArray(String[]::new);

    classes()
        .that()
        .resideInAPackage(BASE + room.name() + "..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage(allowed)
        .allowEmptyShould(true) // a room of the table that nobody lives in yet
        .check(CLASSES);
  }

  @Test
  void everyClassLivesInARoomOfTheTable() {
    assertThat(CLASSES).hasSizeGreaterThan(100);
    assertThat(ROOMS.stream().map(Room::name).toList())
        .containsAll(
            CLASSES.stream()
                .map(javaClass -> javaClass.getPackageName().substring(BASE.length()))
                .map(name -> name.replaceFirst("\\..*", ""))
                .collect(Collectors.toSet()));
  }

  @Test
  void onlyTensorTouchesThePyTorchEngine() {
    noClasses()
        .that()
        .resideOutsideOfPackage(BASE + "tensor..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl.pytorch..")
        .check(CLASSES);
  }

  @Test
  void roomsHaveNoCycles() {
    slices().matching(BASE + "(*)..").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void theFigureInTheReadmeSaysTheSame() throws IOException {
    Map<String, Set<String>> figure = figure(Files.readString(Path.of("README.md")));
    Map<String, Set<String>> table =
        ROOMS.stream().collect(Collectors.toMap(Room::name, room -> new TreeSet<>(room.rooms())));

    assertThat(table).containsAllEntriesOf(figure);
    Set<String> standing = packages();
    standing.removeIf(name -> name.equals("cli") || table.get(name).isEmpty());
    assertThat(figure.keySet()).containsAll(standing);
  }

  /** The rows {@code room --> room & room} of the one Mermaid figure. */
  private static Map<String, Set<String>> figure(String readme) {
    Matcher mermaid = Pattern.compile("(?s)```mermaid\n(.*?)```").matcher(readme);
    assertThat(mermaid.find()).as("README.md has a Mermaid figure").isTrue();
    Map<String, Set<String>> rows = new LinkedHashMap<>();
    Matcher row = Pattern.compile("(?m)^ *(\\w+) --> (.*)$").matcher(mermaid.group(1));
    while (row.find()) {
      rows.put(
          row.group(1),
          Arrays.stream(row.group(2).split("&", -1))
              .map(String::strip)
              .collect(Collectors.toCollection(TreeSet::new)));
    }
    assertThat(mermaid.find()).as("a second Mermaid figure in README.md").isFalse();
    return rows;
  }

  private static Set<String> packages() throws IOException {
    try (Stream<Path> folders = Files.list(Path.of("src/main/java/io/adamant"))) {
      return folders
          .map(folder -> folder.getFileName().toString())
          .collect(Collectors.toCollection(TreeSet::new));
    }
  }
}
