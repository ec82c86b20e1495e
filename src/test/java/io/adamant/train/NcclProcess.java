package io.adamant.train;

import io.adamant.base.Json;
import io.adamant.config.Configs;
import io.adamant.config.RunConfig;
import io.adamant.data.CacheDirectory;
import io.adamant.data.TokenDataset;
import io.adamant.parallel.Coordinator;
import io.adamant.parallel.Member;
import io.adamant.parallel.PretendedGpus;
import io.adamant.parallel.Ranks;
import io.adamant.parallel.WildSums;
import io.adamant.parallel.World;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
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
    Path door = folder.resolve("port");
    if (rank == 0) {
      Coordinator coordinator = new Coordinator(0, "", () -> 0, () -> {}, NcclProcess::lost);
      put(door, Integer.toString(coordinator.port()));
      coordinator.assemble(size);
      try (Ranks ranks = PretendedGpus.lead(size, coordinator)) {
        System.out.println("sums " + WildSums.over(ranks));
        if (args.length > 3) {
          train(World.of(ranks, coordinator, null), folder.resolve("run"), Path.of(args[3]));
        }
        coordinator.close(0);
      }
    } else {
      InetSocketAddress address =
          new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(await(door)));
      try (Member member = new Member(List.of(address), "", rank, () -> 0, NcclProcess::lost);
          Ranks ranks = PretendedGpus.follow(rank, size, member)) {
        System.out.println("sums " + WildSums.over(ranks));
        new RankFollower(World.of(ranks, null, member)).obey();
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

  private static void train(World world, Path folder, Path file) throws Exception {
    RunConfig config = Training.resolve(Configs.readRun(file, List.of()));
    try (TokenDataset data =
        TokenDataset.open(Training.dataset(config), CacheDirectory.ofUser(), line -> {})) {
      new Training(config, data, List.of(), ProgressListener.NONE)
          .withWorld(world)
          .train(folder, () -> false);
    }
    System.out.println(
        "weights " + Json.object(folder.resolve("summary.json")).path("weights_sha256").asText());
  }

  private static void lost(String reason) {
    System.out.println("lost: " + reason);
    Runtime.getRuntime().halt(1);
  }
}
