package dev.tributary.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tributary.spi.Deadline;
import dev.tributary.spi.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class VirtualTimeTest {
  private final VirtualTime time = new VirtualTime();
  private final List<String> ran = new ArrayList<>();

  @Test
  void standsStillUntilMoved() {
    assertThat(time.now()).isEqualTo(VirtualTime.START);
    assertThat(time.nanos()).isZero();
    time.advance(Duration.ofHours(1));
    assertThat(time.now()).isEqualTo(VirtualTime.START.plus(Duration.ofHours(1)));
    assertThat(time.nanos()).isEqualTo(Duration.ofHours(1).toNanos());
    assertThat(time.resolution()).isZero();
  }

  @Test
  void runsTimersInTheOrderOfTheirTimesEachAtItsOwn() {
    plan("b", 2);
    plan("a", 1);
    plan("b2", 2);
    plan("late", 4);
    time.advance(Duration.ofSeconds(3));
    assertThat(ran).containsExactly("a@1", "b@2", "b2@2");
    assertThat(time.pendingTimers()).isEqualTo(1);
  }

  @Test
  void timersOfTimersRunInTheSameStepIfTheyFallWithinIt() {
    time.schedule(
        Duration.ofSeconds(1),
        () -> {
          plan("in", 1);
          plan("out", 5);
          plan("now", 0);
        });
    time.advance(Duration.ofSeconds(2));
    assertThat(ran).containsExactly("now@1", "in@2");
    time.advance(Duration.ofSeconds(4));
    assertThat(ran).containsExactly("now@1", "in@2", "out@6");
  }

  @Test
  void aTimerIsNeverRunBySchedulingIt() {
    plan("now", 0);
    assertThat(ran).isEmpty();
    time.advance(Duration.ZERO);
    assertThat(ran).containsExactly("now@0");
  }

  @Test
  void aCancelledTimerDoesNotRun() {
    TimeSource.Timer timer = time.schedule(Duration.ofSeconds(1), () -> ran.add("no"));
    timer.cancel();
    assertThat(time.pendingTimers()).isZero();
    time.advance(Duration.ofSeconds(2));
    assertThat(ran).isEmpty();
  }

  @Test
  void goesToTheNextTimer() {
    plan("a", 5);
    plan("a2", 5);
    plan("b", 6);
    assertThat(time.advanceToNext()).isTrue();
    assertThat(ran).containsExactly("a@5", "a2@5");
    assertThat(time.advanceToNext()).isTrue();
    assertThat(time.advanceToNext()).isFalse();
    assertThat(time.nanos()).isEqualTo(Duration.ofSeconds(6).toNanos());
  }

  @Test
  void aTaskMustNotAdvance() {
    time.schedule(Duration.ofSeconds(1), () -> time.advance(Duration.ofSeconds(1)));
    assertThatThrownBy(() -> time.advance(Duration.ofSeconds(2))).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> time.advance(Duration.ofSeconds(-1))).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTaskThatThrowsLeavesTimeAtItsMoment() {
    time.schedule(
        Duration.ofSeconds(1),
        () -> {
          throw new IllegalArgumentException("as planned");
        });
    plan("after", 2);
    assertThatThrownBy(() -> time.advance(Duration.ofSeconds(3))).hasMessage("as planned");
    assertThat(time.nanos()).isEqualTo(Duration.ofSeconds(1).toNanos());
    time.advance(Duration.ofSeconds(1));
    assertThat(ran).containsExactly("after@2");
  }

  @Test
  void centuriesDoNotOverflow() {
    time.schedule(Duration.ofSeconds(Long.MAX_VALUE), () -> ran.add("never"));
    time.advance(Duration.ofDays(365 * 200));
    assertThat(ran).isEmpty();
  }

  @Test
  void aTaskForAMomentRunsThenWhateverPassedMeanwhile() {
    long moment = time.nanos() + Duration.ofSeconds(2).toNanos();
    time.advance(Duration.ofSeconds(1));
    time.scheduleAt(moment, () -> ran.add("at " + time.nanos()));
    Deadline.after(time, Duration.ofSeconds(1)).whenPassed(() -> ran.add("passed"));
    time.scheduleAt(0, () -> ran.add("gone by"));
    time.scheduleAt(time.nanos() + Long.MAX_VALUE, () -> ran.add("never"));
    time.advance(Duration.ZERO);
    assertThat(ran).containsExactly("gone by");
    time.advance(Duration.ofDays(365 * 200));
    assertThat(ran).containsExactly("gone by", "at " + moment, "passed");
  }

  @Test
  void othersMayScheduleWhileOneAdvances() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int n = 0; n < 1000; n++) {
                  time.schedule(Duration.ofMillis(n), this::count);
                }
              });
      threads.add(thread);
      thread.start();
    }
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        time.advance(Duration.ofMillis(1));
      }
      thread.join();
    }
    time.advance(Duration.ofSeconds(2));
    assertThat(counted).isEqualTo(4000);
    assertThat(time.pendingTimers()).isZero();
  }

  private int counted;

  private void count() {
    counted++;
  }

  private void plan(String name, int seconds) {
    time.schedule(Duration.ofSeconds(seconds), () -> ran.add(name + "@" + Duration.ofNanos(time.nanos()).toSeconds()));
  }
}
