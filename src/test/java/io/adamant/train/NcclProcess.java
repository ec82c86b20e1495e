package io.adamant.train;

import io.adamant.base.Json;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.CacheDirectory;
import io.adamant.data.TokenDataset;
import io.adamant.parallel.Coordinator;
import io.adamant.parallel.Member;
import io.adamant.parallel.NcclRanks;
import io.adamant.parallel.Ranks;
import io.adamant.parallel.WildSums;
import io.adamant.parallel.World;
import io.adamant.results.RunSummary;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.List;

/**
 * A rank over NCCL in a process of its own, with tensors on the CPU, which only a stand-in for the
 * library can read: {@code RANK SIZE FOLDER [RUN.yaml]}. Prints the hash of sums and, on rank 0, of
 * the run's weights.
 */
public final class NcclProcess {

  private NcclProcess() {}

  public static void main(String[] args) throws Exception {
    int rank = Integer.parseInt(args[0]);
    int size = Integer.parseInt(args[1]);
    Path folder = Path.of(args[2]);
    Path id = folder.resolve("id");
    if (rank == 0) {
      put(id, HexFormat.of().formatHex(NcclRanks.uniqueId()));
    }
    try (Ranks ranks = new NcclRanks(rank, size, HexFormat.of().parseHex(await(id)))) {
      System.out.println("sums " + WildSums.over(ranks));
      if (args.length > 3) {
        train(ranks, folder, Path.of(args[3]));
      }
    }
  }

  private static void put(Path file, String text) throws IOException {
    Path temporary = Path.of(file + ".new");
    Files.writeString(temporary, text);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String await(Path file) throws Exception {
    for (int i = 0; i < 3000 && !Files.exists(file); i++) {
      Thread.sleep(20);
    }
    return Files.readString(file);
  }

  private static void train(Ranks ranks, Path folder, Path file) throws Exception {
    Path door = folder.resolve("port");
    if (ranks.rank() > 0) {
      InetSocketAddress address = new InetSocketAddress("127.0.0.1", Integer.parseInt(await(door)));
      Member member = new Member(List.of(address), "", ranks.rank(), () -> 0, NcclProcess::lost);
      new RankFollower(World.of(ranks, null, member)).obey();
      member.close();
      return;
    }
    Coordinator coordinator = new Coordinator(0, "", () -> 0, () -> {}, NcclProcess::lost);
    put(door, Integer.toString(coordinator.port()));
    coordinator.assemble(ranks.size());
    RunConfig config = Training.resolve(Configs.readRun(file, List.of()));
    try (TokenDataset data =
        TokenDataset.open(Training.dataset(config), CacheDirectory.ofUser(), line -> {})) {
      RunSummary summary =
          new Training(config, data, List.of(), ProgressListener.NONE)
              .withWorld(World.of(ranks, coordinator, null))
              .train(folder.resolve("run"), () -> false);
      System.out.println("status " + summary.status());
    }
    coordinator.close(0);
    System.out.println(
        "weights "
            + Json.object(folder.resolve("run/summary.json")).path("weights_sha256").asText());
  }

  private static void lost(String reason) {
    System.out.println("lost: " + reason);
    Runtime.getRuntime().halt(1);
  }
}
