package dev.tributary.examples.readme

import dev.tributary.kotlin.test.fakeTributary
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import java.io.IOException
import kotlin.time.Duration.Companion.minutes

class CoroutineWelcomeTest {
  @Test
  fun aMailThatCannotBeSentIsKept() = runTest {
    val fake = fakeTributary()
    val mails = fake.client.queue<String>("mails")
    backgroundScope.launch { mails.process { throw IOException("down") } }
    mails.enqueue("ann@example.org")

    delay(5.minutes) // takes no time

    assertEquals(listOf("ann@example.org"), mails.deadLetters.list().map { it.value() })
  }
}
