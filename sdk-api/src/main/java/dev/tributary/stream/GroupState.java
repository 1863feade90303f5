package dev.tributary.stream;

import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * How far a group is.
 *
 * @param group its name
 * @param partitions one entry for each partition, ascending
 * @param members who reads it now, where the backend shares partitions between members; empty if nobody does or it does not say
 * @param memberCount how many there are; also where the backend says no more than that, as FlyMQ does, whose count is a hint. Empty where it says
 *     nothing
 */
public record GroupState(String group, List<PartitionState> partitions, List<Member> members, OptionalInt memberCount) {
  public GroupState {
    partitions = List.copyOf(partitions);
    members = List.copyOf(members);
  }

  /** Of a backend that says who its members are. */
  public GroupState(String group, List<PartitionState> partitions, List<Member> members) {
    this(group, partitions, members, OptionalInt.of(members.size()));
  }

  /** Of a backend that says of its members at most how many they are. */
  public GroupState(String group, List<PartitionState> partitions, OptionalInt memberCount) {
    this(group, partitions, List.of(), memberCount);
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

  /**
   * Somebody who reads as part of a group.
   *
   * @param id the backend's name of it
   * @param partitions what it reads
   */
  public record Member(String id, Set<Integer> partitions) {
    public Member {
      partitions = Set.copyOf(partitions);
    }
  }
}
