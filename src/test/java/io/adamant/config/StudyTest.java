package io.adamant.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.assertj.core.api.Assertions.entry;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.adamant.base.InputException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StudyTest {
  private static final String TWO_ARMS =
      """
      name: two
      title: "Two arms: a comparison"
      base:
        optimizer: {type: adamw, lr: 1e-3, beta1: 0.9, weight_decay: 0.2}
        training: {steps: 20}
      arms:
        sgdm: {optimizer: {type: sgdm, lr: 1.0}}
        adamw: {optimizer.beta2: 0.99}
      """;

  @Test
  void armsLieOverTheBase() {
    StudyConfig study = study(TWO_ARMS);
    assertThat(study.name()).isEqualTo("two");
    assertThat(study.title()).isEqualTo("Two arms: a comparison");
    assertThat(study.seeds()).containsExactly(1L);
    assertThat(study.arms()).extracting(Arm::name).containsExactly("sgdm", "adamw");
    RunConfig adamw = study.plan().get(1).config();
    assertThat(adamw.training().steps()).isEqualTo(20);
    assertThat(adamw.optimizer().lr()).isEqualTo(1e-3);
    assertThat(adamw.optimizer().settings())
        .containsExactly(entry("beta1", 0.9), entry("beta2", 0.99));
  }

  @Test
  void anOptimizerOfAnotherTypeTakesNothingFromTheBases() {
    RunConfig sgdm = study(TWO_ARMS).plan().get(0).config();
    assertThat(sgdm.optimizer()).isEqualTo(OptimizerConfig.of("sgdm", 1.0, 0.1));
    assertThat(sgdm.training().steps()).as("the rest of the base holds").isEqualTo(20);
  }

  @Test
  void theDefaultTypeCountsAsTheBasesType() {
    StudyConfig study =
        study("{name: a, base: {optimizer: {beta1: 0.9}}, arms: {x: {optimizer.type: adamw}}}");
    assertThat(study.plan().get(0).config().optimizer().settings())
        .containsExactly(entry("beta1", 0.9));
  }

  @Test
  void autoIsResolvedInEachArm() {
    StudyConfig study =
        study(
            """
            name: widths
            arms: {small: , wide: {model.width: 256}, bytes: {data.tokenizer: bytes}, \
            batch: {training.batch: 8}}
            """);
    assertThat(study.plan())
        .extracting(r -> r.config().model().mlpHidden())
        .containsExactly(344, 768, 344, 344);
    assertThat(study.plan().get(2).config().data().vocab()).isEqualTo(257);
    assertThat(study.plan().get(3).config().training().microBatch())
        .as("chosen by the device")
        .isZero();
  }

  @Test
  void plansArmsThenPointsThenSeedsAndLabelsWhatVaries() {
    StudyConfig study =
        study(
            """
            name: grid
            arms:
              a: {optimizer.type: lion}
              b: {grid: {optimizer.lr: [5e-4]}}
              c: {grid: {}}
            grid:
              optimizer.lr: [1e-3, 2e-3]
              schedule: {warmup: [0.1, 0.2]}
            seeds: [3, 1]
            """);
    assertThat(study.plan())
        .extracting(PlannedRun::label)
        .containsExactly(
            "a lr=0.001 warmup=0.1 seed=3",
            "a lr=0.001 warmup=0.1 seed=1",
            "a lr=0.001 warmup=0.2 seed=3",
            "a lr=0.001 warmup=0.2 seed=1",
            "a lr=0.002 warmup=0.1 seed=3",
            "a lr=0.002 warmup=0.1 seed=1",
            "a lr=0.002 warmup=0.2 seed=3",
            "a lr=0.002 warmup=0.2 seed=1",
            "b seed=3",
            "b seed=1",
            "c seed=3",
            "c seed=1");
    PlannedRun run = study.plan().get(6);
    assertThat(run.arm()).isEqualTo("a");
    assertThat(run.config())
        .isEqualTo(
            RunConfig.defaults()
                .with(OptimizerConfig.of("lion", 2e-3, 0.1))
                .with("schedule.warmup", 0.2)
                .with("training.seed", 3));
    assertThat(study.plan().get(8).config().optimizer().lr()).isEqualTo(5e-4);
    assertThat(study.arms().get(1).points().get(0).coordinates())
        .containsExactly(entry("optimizer.lr", "0.0005"));
  }

  @Test
  void withoutArmsTheBaseIsTheOnlyOneAndTheGridMayVaryTheOptimizer() {
    StudyConfig study =
        study(
            "{name: g, base: {optimizer: {lr: 1e-2, beta1: 0.5}},"
                + " grid: {optimizer.type: [adamw, lion]}}");
    assertThat(study.plan())
        .extracting(PlannedRun::label)
        .containsExactly("base type=adamw", "base type=lion");
    assertThat(study.plan().get(0).config().optimizer().settings())
        .containsExactly(entry("beta1", 0.5));
    assertThat(study.plan().get(1).config().optimizer())
        .isEqualTo(OptimizerConfig.of("lion", 4e-3, 0.1));
  }

  @Test
  void keysOfOneNameAreToldApartInLabels() {
    StudyConfig study =
        study(
            "{name: g, grid: {optimizer.decay: [1, 2], schedule.decay: [0.2], clip.global_norm: [1, none]}}");
    assertThat(study.plan().get(3).label()).isEqualTo("base decay=2.0 global_norm=none");
    StudyConfig both =
        study("{name: g, grid: {optimizer.decay: [1, 2], schedule.decay: [0.2, 0.3]}}");
    assertThat(both.plan().get(0).label()).isEqualTo("base optimizer.decay=1.0 schedule.decay=0.2");
  }

  @Test
  void optionsApplyToTheBaseBeforeTheArms() {
    StudyConfig study =
        study(
            TWO_ARMS,
            "training.steps=10",
            "base.training.batch=8",
            "optimizer.weight_decay=0.3",
            "seeds=[1, 2]",
            "name=other",
            "title=short");
    assertThat(study.name()).isEqualTo("other");
    assertThat(study.title()).isEqualTo("short");
    assertThat(study.base().training().steps()).isEqualTo(10);
    assertThat(study.plan())
        .extracting(PlannedRun::label)
        .containsExactly("sgdm seed=1", "sgdm seed=2", "adamw seed=1", "adamw seed=2");
    assertThat(study.plan()).allMatch(run -> run.config().training().steps() == 10);
    assertThat(study.plan()).allMatch(run -> run.config().training().batch() == 8);
    assertThat(study.plan())
        .extracting(run -> run.config().optimizer().weightDecay())
        .containsExactly(0.1, 0.1, 0.3, 0.3);
  }

  @Test
  void aSeedMayBeSetWhereTheStudyListsNone() {
    assertThat(study(TWO_ARMS, "training.seed=7").plan())
        .allMatch(run -> run.config().training().seed() == 7);
  }

  static Stream<Arguments> bad() {
    return Stream.of(
        arguments(TWO_ARMS.replace("name: two\n", ""), "", "configuration: the study has no name;"),
        arguments(
            TWO_ARMS.replace("two", "Two Arms"), "", ":1: name is Two Arms; allowed: at most 64"),
        arguments(
            TWO_ARMS.replace("title:", "tittle:"),
            "",
            ":2: unknown key tittle; did you mean title?"),
        arguments(
            TWO_ARMS + "training: {}",
            "",
            ":9: unknown key training; a study has its run under base"),
        arguments(TWO_ARMS + "seeds: 3", "", ":9: seeds is 3; allowed: a list of whole numbers"),
        arguments(TWO_ARMS + "seeds: [1, x]", "", ":9: seeds is a list with x; allowed: a list of"),
        arguments(
            TWO_ARMS + "seeds: [1, 1]",
            "",
            ":9: seeds is [1, 1]; allowed: at least one seed, each"),
        arguments(
            TWO_ARMS + "seeds: [-1]", "", ":9: seeds is -1; allowed: a whole number of at least 0"),
        arguments(TWO_ARMS + "seeds: []", "", ":9: seeds is []; allowed: at least one seed"),
        arguments(TWO_ARMS + "grid: [1]", "", ":9: grid is a list; allowed: a mapping such as"),
        arguments(
            TWO_ARMS + "grid: {optimizer.lr: 1}",
            "",
            ":9: grid optimizer.lr is 1; allowed: a list"),
        arguments(TWO_ARMS + "grid: {optimizer.lr: []}", "", "is an empty list; allowed: a list"),
        arguments(
            TWO_ARMS + "grid: {optimizer.lr: [1e-3, 0.001]}", "", "is 0.001 twice; allowed: each"),
        arguments(
            TWO_ARMS + "grid: {optimizer.lr: [[1]]}", "", "is a list with a list; allowed: single"),
        arguments(
            TWO_ARMS + "grid: {model.widht: [1]}", "", "unknown key model.widht; did you mean"),
        arguments(
            TWO_ARMS + "grid:\n  optimizer.lr: [1, -2]",
            "",
            ":10: arm sgdm: optimizer.lr is -2.0; allowed: a finite number of at least 0"),
        arguments(
            TWO_ARMS + "grid: {training.seed: [1, 2]}",
            "",
            "arm sgdm varies training.seed; expected"),
        arguments(
            TWO_ARMS + "  c: {training.seed: 2}",
            "",
            ":9: arm c varies training.seed; expected: the"),
        arguments(
            TWO_ARMS + "  c: {model.layers: x}",
            "",
            ":9: arm c: model.layers is x; allowed: a whole"),
        arguments(TWO_ARMS + "  a b: {}", "", ":9: arms.a b is a b; allowed: a name of at most 64"),
        arguments(
            TWO_ARMS + "  sgdm: {}", "", ":9: key sgdm is given twice, first at configuration:7"),
        arguments(TWO_ARMS + "  c: 5", "", ":9: arms.c is 5; allowed: a mapping"),
        arguments(
            "name: x\narms: {}", "", ":2: arms is empty; allowed: a mapping of names to settings"),
        arguments("name: x\narms: [a]", "", ":2: arms is a list; allowed: a mapping"),
        arguments(
            "training: {}",
            "",
            "configuration: this is a single run, not a study. Use: adamant train"),
        arguments(
            "foo: {}",
            "",
            ":1: unknown key foo; allowed: arms, base, confirm, grid, name, seeds, stop, title"),
        arguments(
            TWO_ARMS
                + "grid: {optimizer.a: %1$s, optimizer.b: %1$s, optimizer.c: %1$s}"
                    .formatted(Stream.iterate(1, i -> i + 1).limit(30).toList()),
            "",
            ":9: grid is 27000.0 combinations; allowed: at most 10000"),
        arguments(TWO_ARMS + "confirm: 3", "", ":9: confirm is 3; allowed: a mapping such as"),
        arguments(TWO_ARMS + "confirm: {}", "", ":9: confirm.seeds is missing; allowed: a list"),
        arguments(
            TWO_ARMS + "confirm: {seeds: [2], neighbors: true}",
            "",
            ":9: unknown key confirm.neighbors; did you mean neighbours?"),
        arguments(
            TWO_ARMS + "confirm: {seeds: [2], neighbours: 1}",
            "",
            ":9: confirm.neighbours is 1; allowed: true or false"),
        arguments(
            TWO_ARMS + "seeds: [1, 2]\nconfirm: {seeds: [2, 3]}",
            "",
            ":10: confirm.seeds is [2, 3]; allowed: seeds that are not among the study's, [1, 2]"),
        arguments(
            TWO_ARMS + "confirm: {seeds: [5, 5]}",
            "",
            ":9: confirm.seeds is [5, 5]; allowed: at least one seed, each of them once"),
        arguments(
            TWO_ARMS + "confirm: {seeds: [5], arms: [adam]}",
            "",
            ":9: confirm.arms is adam; allowed: the study's arms, [sgdm, adamw]"),
        arguments(TWO_ARMS + "stop: 100", "", ":9: stop is 100; allowed: a mapping such as {first"),
        arguments(
            TWO_ARMS + "stop: {}", "", ":9: stop is a mapping without rungs; allowed: either"),
        arguments(
            TWO_ARMS + "stop: {first: 10, rungs: [10]}",
            "",
            ":9: stop is a mapping with rungs and first; allowed: either rungs: [100, 300] or"),
        arguments(
            TWO_ARMS + "stop: {first: 10, eta: 3}",
            "",
            ":9: unknown key stop.eta; allowed: factor"),
        arguments(
            TWO_ARMS + "stop: {first: 0}",
            "",
            ":9: stop.first is 0; allowed: a step of at least 1"),
        arguments(
            TWO_ARMS + "stop: {rungs: [20, 10]}",
            "",
            ":9: stop.rungs is [20, 10]; allowed: rising steps of at least 1"),
        arguments(
            TWO_ARMS + "stop: {rungs: []}",
            "",
            ":9: stop.rungs is an empty list; allowed: a list of"),
        arguments(
            TWO_ARMS + "stop: {first: 10, factor: 1}",
            "",
            ":9: stop.factor is 1.0; allowed: a number above 1, such as 4"),
        arguments(
            TWO_ARMS + "stop: {first: 10, within: seeds}",
            "",
            ":9: stop.within is seeds; allowed: arm or study"),
        arguments(
            TWO_ARMS + "stop: {rungs: [10, 100000]}",
            "",
            ":9: stop.rungs is [10, 100000]; allowed: steps below training.steps, "),
        arguments(
            TWO_ARMS + "grid: {training.batch: [8, 16]}\nstop: {first: 10}",
            "",
            ":10: stop is given, and arm sgdm compares runs of other steps or other tokens"),
        arguments(
            TWO_ARMS + "grid: {data.validation_fraction: [0.1, 0.2]}\nstop: {first: 10}",
            "",
            ":10: stop is given, and arm sgdm compares runs with other data"),
        arguments(TWO_ARMS, "stop.first=7", "--set cannot change stop.first; allowed"),
        arguments(TWO_ARMS, "confirm.seeds=[7]", "--set cannot change confirm.seeds; allowed"),
        arguments(TWO_ARMS, "optimizer.type=lion", "--set optimizer.type=lion: OK"),
        arguments(
            TWO_ARMS.replace("optimizer.beta2", "optimizer.lr"),
            "optimizer.lr=1",
            "--set optimizer.lr=1: no effect, since every arm sets optimizer.lr itself or has another"
                + " optimizer.type (sgdm, adamw); change it there"),
        arguments(
            TWO_ARMS + "grid: {schedule.warmup: [0.1, 0.2]}",
            "schedule.warmup=0",
            "--set schedule.warmup=0: no effect, since every arm sets schedule.warmup itself"),
        arguments(
            TWO_ARMS + "seeds: [1]",
            "training.seed=2",
            "this study lists its seeds; use --set seeds"),
        arguments(
            TWO_ARMS,
            "arms.sgdm.optimizer.lr=1",
            "--set cannot change arms.sgdm.optimizer.lr; allowed"),
        arguments(TWO_ARMS, "name=A B", "--set name=A B: name is A B; allowed: at most 64"),
        arguments(TWO_ARMS, "seeds=x", "--set seeds=x: seeds is x; allowed: a list of"),
        arguments(
            TWO_ARMS,
            "training.stesp=1",
            "unknown key training.stesp; did you mean training.steps?"),
        arguments(
            TWO_ARMS,
            "training.steps=x",
            "--set training.steps=x: training.steps is x; allowed: a"));
  }

  @ParameterizedTest
  @MethodSource("bad")
  void aStudyThatCannotBeUsedIsRefusedInOneLine(String yaml, String option, String expected) {
    Throwable refusal =
        catchThrowable(() -> study(yaml, option.isEmpty() ? new String[0] : new String[] {option}));
    if (expected.endsWith(": OK")) {
      assertThat(refusal).as("felt by the arm that names no type").isNull();
      return;
    }
    assertThat(refusal).isInstanceOf(InputException.class);
    assertThat(refusal.getMessage()).contains(expected);
    assertThat(refusal.getMessage().lines()).hasSize(1);
  }

  @Test
  void aStudyHasAtMostTenThousandRuns() {
    List<Long> seeds = Stream.iterate(1L, i -> i + 1).limit(5001).toList();
    assertThat(study(TWO_ARMS, "seeds=" + seeds.subList(0, 5000)).plan()).hasSize(10_000);
    assertThatThrownBy(() -> study(TWO_ARMS, "seeds=" + seeds))
        .isInstanceOf(InputException.class)
        .hasMessage("configuration: the study has 10002 runs; allowed: at most 10000");
  }

  @Test
  void aStudyMayBeBuiltFromJava() {
    RunConfig run = RunConfig.defaults();
    StudyConfig study =
        new StudyConfig(
            "java", "", run, List.of(Arm.of("a", run), Arm.of("b", run)), List.of(1L, 2L));
    assertThat(study.plan()).extracting(PlannedRun::label).doesNotHaveDuplicates().hasSize(4);
    assertThatThrownBy(
            () ->
                new StudyConfig(
                    "j", "", run, List.of(Arm.of("a", run), Arm.of("a", run)), List.of(1L)))
        .isInstanceOf(InputException.class)
        .hasMessage("arms is [a, a]; allowed: unique names");
    Arm.Point point = new Arm.Point(Map.of("optimizer.lr", "1"), run);
    assertThatThrownBy(() -> new Arm("a", List.of(point, point)))
        .hasMessage("arm a has two points with the same coordinates");
  }

  @Test
  void freshSeedsAreReadAndAddNoRunToThePlan() {
    StudyConfig study = study(TWO_ARMS + "confirm: {seeds: [11, 12], arms: [adamw]}");
    ConfirmConfig confirm = study.confirm().orElseThrow();
    assertThat(confirm.seeds()).containsExactly(11L, 12L);
    assertThat(confirm.neighbours()).as("default").isTrue();
    assertThat(confirm.has("adamw")).isTrue();
    assertThat(confirm.has("sgdm")).isFalse();
    assertThat(study.plan()).isEqualTo(study(TWO_ARMS).plan());
    assertThat(study(TWO_ARMS).confirm()).isEmpty();
  }

  @Test
  void rungsAreReadAndChangeNoRun() {
    StopConfig stop = study(TWO_ARMS + "stop: {first: 10, factor: 3}").stop().orElseThrow();
    assertThat(stop.below(270)).containsExactly(10L, 30L, 90L);
    assertThat(stop.below(271)).containsExactly(10L, 30L, 90L, 270L);
    assertThat(stop.within()).as("default").isEqualTo(StopConfig.Within.ARM);
    assertThat(stop.kept(8, false)).isEqualTo(2);
    assertThat(stop.kept(2, false)).isZero();
    assertThat(stop.kept(2, true)).isEqualTo(1);
    assertThat(stop.kept(0, true)).isZero();
    StudyConfig listed = study(TWO_ARMS + "stop: {rungs: [10, 15], within: study}");
    assertThat(listed.stop().orElseThrow().below(15)).containsExactly(10L);
    assertThat(listed.stop().orElseThrow().factor()).as("default").isEqualTo(4);
    assertThat(listed.plan()).isEqualTo(study(TWO_ARMS).plan());
    StopConfig small = new StopConfig(List.of(), 1, 1.1, StopConfig.Within.ARM);
    assertThat(small.below(6)).as("each step once").containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  private static StudyConfig study(String yaml, String... options) {
    return Configs.parseStudy(yaml, List.of(options));
  }
}
