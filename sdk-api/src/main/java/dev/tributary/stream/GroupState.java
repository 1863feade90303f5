package dev.tributary.stream;

import java.util.List;
import java.util.OptionalLong;

/**
 * How far a group is.
 *
 * @param group its name
 * @param partitions one entry for each partition, ascending
 */
public record GroupState(String group, List<PartitionState> partitions) {
  public GroupState {
    partitions = List.copyOf(partitions);
  }

  /** What all partitions together still have to be read. */
  public long lag() {
    return partitions.stream().mapToLong(PartitionState::lag).sum();
  }

  /**
   * How far a group is in one partition.
   *
   * @param partition from 0
   * @param committed the next offset to read; empty if the group never committed
   * @param latest the offset of the last message; empty if there is none
   * @param lag how many messages there are from the committed offset on, never negative
   */
  public record PartitionState(int partition, OptionalLong committed, OptionalLong latest, long lag) {}
}
