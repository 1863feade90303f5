package dev.tributary.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tributary.codec.Codecs;
import dev.tributary.queue.Job;
import dev.tributary.queue.NewJob;
import java.util.List;
import org.junit.jupiter.api.Test;

class ScenarioTest {
  @Test
  void jobsWaitByPriority() {
    try (FakeTributary fake = Scenario.jobsByPriority("q", 3)) {
      assertThat(fake.journal().calls()).isEmpty();
      assertThat(fake.admin().queueConfig("q").join().partitions()).isEqualTo(2);
      List<Job<String>> jobs = fake.queue("q", Codecs.text()).receive(10).join();
      assertThat(jobs).extracting(Job::value).containsExactly("job 0", "job 1", "job 2");
      assertThat(jobs).extracting(Job::priority).containsExactly(100, 99, 98);
    }
  }

  @Test
  void jobsWaitByKey() {
    try (FakeTributary fake = Scenario.jobsByKey("q", 100)) {
      assertThat(fake.journal().calls()).isEmpty();
      assertThat(fake.admin().queueConfig("q").join().partitions()).isEqualTo(4);
      assertThat(fake.queue("q", Codecs.text()).receive(100).join()).hasSize(100);
    }
  }

}
