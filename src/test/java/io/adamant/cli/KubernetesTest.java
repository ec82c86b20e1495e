package io.adamant.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.adamant.base.Json;
import io.kubernetes.client.openapi.JSON;
import io.kubernetes.client.openapi.models.V1Container;
import io.kubernetes.client.openapi.models.V1Job;
import io.kubernetes.client.openapi.models.V1PodFailurePolicyRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The jobs for Kubernetes in configs/cluster/ by its own model, and by the commands that they call.
 */
class KubernetesTest {

  private static final Path FOLDER = Path.of("configs/cluster");
  private static final Pattern SHARD =
      Pattern.compile("--shard \"\\$\\(\\(JOB_COMPLETION_INDEX \\+ 1\\)\\)/(\\d+)\"");

  private static V1Job job(String text) throws IOException {
    JsonNode yaml = Json.YAML.readTree(text);
    JsonElement json = JsonParser.parseString(Json.line(yaml));
    V1Job.validateJsonElement(json); // refuses keys that it does not have, and misses what it needs
    return new JSON().deserialize(json.toString(), V1Job.class);
  }

  private static V1Job read(String name) throws IOException {
    return job(Files.readString(FOLDER.resolve(name)));
  }

  private static V1Container worker(V1Job job) {
    List<V1Container> containers = job.getSpec().getTemplate().getSpec().getContainers();
    assertThat(containers).hasSize(1);
    return containers.get(0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"kubernetes.yaml", "kubernetes-shards.yaml"})
  void isAnIndexedJobThatKnowsOurExitCodes(String name) throws IOException {
    V1Job job = read(name);
    assertThat(job.getApiVersion()).isEqualTo("batch/v1");
    assertThat(job.getSpec().getCompletionMode()).isEqualTo("Indexed");
    assertThat(job.getSpec().getBackoffLimitPerIndex()).isPositive();
    assertThat(job.getSpec().getTemplate().getSpec().getRestartPolicy())
        .as("what a limit per index and a failure policy need")
        .isEqualTo("Never");
    assertThat(codes(job, "Ignore")).containsExactly(StopSignal.INTERRUPTED);
    int badInput = Invocation.of("study", "no-such-file.yaml").exitCode();
    assertThat(codes(job, "FailJob")).containsExactly(badInput);
    assertThat(job.getSpec().getPodFailurePolicy().getRules().get(0).getOnPodConditions())
        .as("evictions do not count")
        .singleElement()
        .satisfies(condition -> assertThat(condition.getType()).isEqualTo("DisruptionTarget"));
    V1Container worker = worker(job);
    assertThat(
            job.getSpec().getPodFailurePolicy().getRules().stream()
                .map(V1PodFailurePolicyRule::getOnExitCodes)
                .filter(Objects::nonNull))
        .allSatisfy(rule -> assertThat(rule.getContainerName()).isEqualTo(worker.getName()));
    List<String> volumes =
        job.getSpec().getTemplate().getSpec().getVolumes().stream().map(v -> v.getName()).toList();
    assertThat(worker.getVolumeMounts())
        .allSatisfy(mount -> assertThat(volumes).contains(mount.getName()));
  }

  private static List<Integer> codes(V1Job job, String action) {
    return job.getSpec().getPodFailurePolicy().getRules().stream()
        .filter(rule -> rule.getAction().equals(action) && rule.getOnExitCodes() != null)
        .flatMap(rule -> rule.getOnExitCodes().getValues().stream())
        .toList();
  }

  @Test
  void workersThatShareAVolumeCallACommandThatExists() throws IOException {
    V1Container worker = worker(read("kubernetes.yaml"));
    assertThat(worker.getCommand()).containsExactly("/opt/adamant/adamant");
    assertUnderstood(worker.getArgs());
  }

  @Test
  void everyShardIsTrained() throws IOException {
    V1Job job = read("kubernetes-shards.yaml");
    assertThat(worker(job).getCommand()).containsExactly("sh", "-c");
    String script = worker(job).getArgs().get(0);
    assertThat(script).as("signals reach Java").startsWith("exec /opt/adamant/adamant ");
    Matcher shard = SHARD.matcher(script);
    assertThat(shard.find()).as(script).isTrue();
    assertThat(Integer.parseInt(shard.group(1))).isEqualTo(job.getSpec().getCompletions());
    List<String> words = new ArrayList<>();
    for (String word : shard.replaceFirst("--shard 1/8").split("\\s+", -1)) {
      words.add(word.replace("\"", ""));
    }
    assertUnderstood(words.subList(2, words.size()));
  }

  /** Fails for its file alone: options that are not there are named before it is looked for. */
  private static void assertUnderstood(List<String> words) {
    Invocation tried = Invocation.of(words.toArray(String[]::new));
    assertThat(tried.err()).contains("study.yaml").doesNotContain("Unknown option");
  }

  @Test
  void theModelRefusesWhatKubernetesDoesNotKnow() throws IOException {
    String text = Files.readString(FOLDER.resolve("kubernetes.yaml"));
    for (String wrong :
        List.of(
            text.replace("backoffLimitPerIndex", "backoffLimitPerindex"),
            text.replace("onExitCodes", "onExitCode"),
            text.replace("restartPolicy", "restartpolicy"))) {
      assertThat(wrong).isNotEqualTo(text);
      assertThatThrownBy(() -> job(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
  }
}
