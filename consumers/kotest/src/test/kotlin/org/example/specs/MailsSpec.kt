package org.example.specs

import dev.tributary.kotlin.test.fakeTributary
import io.kotest.core.spec.style.StringSpec
import io.kotest.matchers.shouldBe
import java.io.IOException
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runTest

class MailsSpec :
  StringSpec({
    "a mail that cannot be sent is a dead letter" {
      runTest {
        val mails = fakeTributary().client.queue<String>("mails")
        backgroundScope.launch { mails.process { throw IOException("down") } }
        mails.enqueue("welcome 42")
        delay(5.minutes) // takes no time
        mails.deadLetters.list(10).map { it.value } shouldBe listOf("welcome 42")
      }
    }
  })
