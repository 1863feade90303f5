package dev.tributary.cluster;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who leads a partition.
 *
 * @param partition from 0
 * @param node the leader, or null while there is none
 * @param epoch grows with every change of the leader
 * @param replicas the ids of the nodes that have the partition
 * @param inSync the ids of those that have all of it
 */
public record PartitionLeader(int partition, @Nullable Node node, long epoch, List<String> replicas, List<String> inSync) {
  public PartitionLeader {
    replicas = List.copyOf(replicas);
    inSync = List.copyOf(inSync);
  }
}
