package dev.tributary.cluster;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The nodes of the backend, as the one sees them that is asked. */
public interface Cluster {
  /** The nodes that there are, by id. A backend that only says who has partitions names no node without any. */
  CompletableFuture<List<Node>> nodes();

  /** Who leads the partitions of a stream, ascending; fails with {@code NotFoundException} if there is no such stream. */
  CompletableFuture<List<PartitionLeader>> leaders(String stream);
}
