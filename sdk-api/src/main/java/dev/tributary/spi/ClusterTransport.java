package dev.tributary.spi;

import dev.tributary.ResourceName;
import dev.tributary.cluster.Node;
import dev.tributary.cluster.PartitionLeader;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The nodes of a backend. See {@link Transport} for what holds for every method. */
public interface ClusterTransport {
  /** The nodes that there are, by id. */
  CompletableFuture<List<Node>> nodes(Deadline deadline);

  /** Who leads the partitions of a stream, ascending; {@code NotFoundException} if there is none. */
  CompletableFuture<List<PartitionLeader>> leaders(ResourceName stream, Deadline deadline);
}
