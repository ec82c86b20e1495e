package io.adamant.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.adamant.base.InputException;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GroupConfigTest {
  private static final String YAML =
      """
      groups:
        embedding:
          match: 'embedding[.].*'
          lr_scale: 0.5
          weight_decay: 0
          optimizer: rmsprop
          beta2: 0.9
        head: {match: head.weight}
      """;

  private static RunConfig parse(String yaml, String... overrides) {
    return Configs.parseRun(yaml, List.of(overrides));
  }

  @Test
  void areReadFromASection() {
    Map<String, GroupConfig> groups = parse(YAML).groups();
    assertThat(groups)
        .containsOnlyKeys("embedding", "head")
        .containsEntry(
            "embedding",
            new GroupConfig(
                "embedding[.].*", 0.5, OptionalDouble.of(0), "rmsprop", Map.of("beta2", 0.9)))
        .containsEntry("head", GroupConfig.scaled("head.weight", 1));
  }

  @Test
  void surviveTheWayThroughAFile() {
    RunConfig run = parse(YAML, "groups.head.lr_scale=3", "groups.norm.match=.*[.]norm");
    assertThat(run.groups().get("head").lrScale()).isEqualTo(3);
    assertThat(parse(Configs.toYaml(run))).isEqualTo(run);
    assertThat(run.with("training.steps", 7).groups()).isEqualTo(run.groups());
  }

  @Test
  void areAPartOfTheRunsIdentity() {
    String sha = "ab".repeat(32);
    RunConfig run = parse(YAML);
    assertThat(RunId.of(run, sha, 1))
        .isNotEqualTo(RunId.of(run.withGroups(Map.of()), sha, 1))
        .isNotEqualTo(RunId.of(parse(YAML, "groups.head.lr_scale=3"), sha, 1));
  }

  @Test
  void inheritWhatTheyDoNotSay() {
    OptimizerConfig run = OptimizerConfig.of("adamw", 1, 0.1).with("beta1", 0.8);
    GroupConfig same = GroupConfig.scaled("x", 2).inheriting(run);
    assertThat(same.optimizer()).isEqualTo("adamw");
    assertThat(same.weightDecay()).hasValue(0.1);
    assertThat(same.settings()).isEqualTo(Map.of("beta1", 0.8));
    GroupConfig other =
        new GroupConfig("x", 1, OptionalDouble.of(0), "signum", Map.of("mollifier", 1));
    assertThat(other.inheriting(run)).isEqualTo(other);
    assertThat(other.settings()).isEqualTo(Map.of("mollifier", 1.0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "groups: {a: {lr_scale: 1}} | groups.a.match is empty; allowed: a regular expression",
        "groups: {a: {match: '['}} | configuration:1: groups.a.match is [; allowed: a regular",
        "groups: {a: {match: x, lr_scale: -1}} | configuration:1: groups.a.lr_scale is -1.0; allowed",
        "groups: {a: {match: x, lr_scale: y}} | configuration:1: groups.a.lr_scale is y; allowed",
        "groups: {a: {match: x, weight_decay: -1}} | groups.a.weight_decay is -1.0; allowed: a finite",
        "groups: {A: {match: x}} | unknown key groups.A.match",
        "groups: {a: 3} | unknown key groups.a; allowed in groups: NAME: {match, lr_scale",
        "groups: 3 | groups is 3; allowed: a mapping with NAME: {match, lr_scale, weight_decay",
        "groups: {a: {match: x, b: {c: 1}}} | groups.a.b is a mapping; allowed: a single value",
      })
  void refusesInOneLine(String yaml, String message) {
    assertThatThrownBy(() -> parse(yaml))
        .isInstanceOf(InputException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }
}
