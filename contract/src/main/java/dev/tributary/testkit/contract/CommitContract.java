package dev.tributary.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.Capability;
import dev.tributary.EventStream;
import dev.tributary.error.ConflictException;
import dev.tributary.error.NotFoundException;
import dev.tributary.stream.EventConsumer;
import dev.tributary.stream.GroupState;
import dev.tributary.stream.Message;
import dev.tributary.stream.Position;
import dev.tributary.stream.StartAt;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the offsets that groups commit mean, and what a group says about itself. */
public abstract class CommitContract extends StreamTopic {
  @Test
  void aGroupThatNeverCommittedHasNoOffset() {
    assertThat(get(filled(3).committed("never", 0))).isEmpty();
  }

  @Test
  void theCommittedOffsetIsTheNextToRead() {
    EventStream<String> stream = filled(5);
    get(stream.commit("g", new Position(0, 2)));
    assertThat(get(stream.committed("g", 0))).hasValue(2);
    Probe<Message<String>> probe = Probe.of(stream.subscribe(options("g", StartAt.committed())));
    await("three messages", () -> probe.count() == 3);
    assertThat(values(probe.items())).containsExactly("e-2", "e-3", "e-4");
  }

  @Test
  void aCommitMayGoBackwardsToTheBeginning() {
    EventStream<String> stream = filled(5);
    get(stream.commit("g", new Position(0, 4)));
    get(stream.commit("g", new Position(0, 1)));
    assertThat(get(stream.committed("g", 0))).hasValue(1);
    get(stream.commit("g", new Position(0, 0)));
    Probe<Message<String>> probe = Probe.of(stream.subscribe(options("g", StartAt.committed())), 1);
    await("a message", () -> probe.count() == 1);
    assertThat(values(probe.items())).containsExactly("e-0");
  }

  @Test
  void groupsCommitForThemselves() {
    EventStream<String> stream = filled(5);
    get(stream.commit("one", new Position(0, 1)));
    get(stream.commit("two", new Position(0, 2)));
    assertThat(get(stream.committed("one", 0))).hasValue(1);
    assertThat(get(stream.committed("two", 0))).hasValue(2);
  }

  @Test
  void theStateOfAGroupSaysHowFarItIs() {
    EventStream<String> stream = filled(5);
    get(stream.commit("g", new Position(0, 2)));
    GroupState state = get(stream.groupState("g"));
    assertThat(state.group()).isEqualTo("g");
    assertThat(state.partitions())
        .containsExactly(new GroupState.PartitionState(0, OptionalLong.of(2), OptionalLong.of(4), 3));
    get(stream.commit("g", new Position(0, 5)));
    assertThat(get(stream.groupState("g")).lag()).isZero();
  }

  @Test
  void theLagOfAGroupThatNeverCommittedIsTheWholeStream() {
    assertThat(get(filled(5).groupState("never")).partitions())
        .containsExactly(new GroupState.PartitionState(0, OptionalLong.empty(), OptionalLong.of(4), 5));
  }

  @Test
  void nothingLagsInAnEmptyStream() {
    assertThat(get(stream().groupState("g")).partitions())
        .containsExactly(new GroupState.PartitionState(0, OptionalLong.empty(), OptionalLong.empty(), 0));
  }

  @Test
  void groupsThatCommittedAreListed() {
    requires(Capability.GROUP_LISTING);
    EventStream<String> stream = filled(1);
    get(stream.commit("beta", new Position(0, 1)));
    get(stream.commit("alpha", new Position(0, 1)));
    assertThat(get(stream.groups())).contains("alpha", "beta");
  }

  @Test
  void aDeletedGroupCommittedNothing() {
    requires(Capability.GROUP_DELETION);
    EventStream<String> stream = filled(5);
    failure(NotFoundException.class, stream.deleteGroup("g"));
    get(stream.commit("g", new Position(0, 2)));
    get(stream.deleteGroup("g"));
    assertThat(get(stream.committed("g", 0))).isEmpty();
  }

  @Test
  void aGroupSaysHowManyMembersItHas() {
    requires(Capability.GROUP_BALANCING);
    EventStream<String> stream = filled(5);
    assertThat(get(stream.groupState("g")).memberCount()).hasValue(0);
    stream.consumer("g");
    through(connect(), stream).consumer("g");
    await("two members", () -> get(stream.groupState("g")).memberCount().equals(OptionalInt.of(2)));
    assertThat(get(stream.groupState("g")).members()).hasSize(2);
  }

  @Test
  void aGroupWithMembersIsNotDeleted() {
    requires(Capability.GROUP_DELETION, Capability.GROUP_BALANCING);
    EventStream<String> stream = filled(5);
    EventConsumer<String> member = stream.consumer("g");
    await("a member", () -> get(stream.groupState("g")).members().stream().anyMatch(each -> each.partitions().equals(Set.of(0))));
    failure(ConflictException.class, stream.deleteGroup("g"));
    await(member.closeAsync());
    assertThat(get(stream.groupState("g")).members()).isEmpty();
  }
}
