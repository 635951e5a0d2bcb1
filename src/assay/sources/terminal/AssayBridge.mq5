//+------------------------------------------------------------------+
//| AssayBridge.mq5                                                  |
//| Answers Assay's questions for bars. It reads, and does no more:  |
//| it has no order, no import and no web request in it.             |
//| The protocol: docs/reference/metatrader-bridge.md                |
//+------------------------------------------------------------------+
#property copyright   "The Assay authors. Apache-2.0"
#property version     "1.00"
#property description "Answers Assay's questions for bars, through a folder or a local port."
#property description "For the port, allow 127.0.0.1 in Tools, Options, Expert Advisors."
#property description "Attach it to one chart of the terminal; which chart does not matter."

#define MARK             "assay/1 "
#define HEX_LENGTH       64
#define LONGEST_QUESTION 2048
#define MOST_BARS        5000
#define HOST             "127.0.0.1"
#define QUESTION         "Assay\\question.txt"
#define PART             "Assay\\answer.part"
#define ANSWER           "Assay\\answer.txt"
#define NEW_LINE         10
#define BLOCK            64

input int    InpPort   = 8765; // Port at which Assay listens (0: none)
input bool   InpFolder = true; // Answer in the folder Common\Files\Assay
input string InpToken  = "";   // Token, the same as in Assay (none in both is allowed)

int   ExtSocket = INVALID_HANDLE;
uint  ExtTried  = 0;
bool  ExtWarned = false;
uchar ExtHeld[];

int OnInit()
  {
   if(MQLInfoInteger(MQL_TESTER))
      return(INIT_FAILED);
   if(!EventSetMillisecondTimer(100))
      return(INIT_FAILED);
   return(INIT_SUCCEEDED);
  }

void OnDeinit(const int reason)
  {
   EventKillTimer();
   HangUp();
  }

void OnTimer()
  {
   if(InpFolder)
      ServeFolder();
   if(InpPort>0)
      ServeSocket();
  }

//--- the folder ----------------------------------------------------

void ServeFolder()
  {
   if(!FileIsExist(QUESTION,FILE_COMMON))
      return;
   uchar bytes[];
   long size=FileLoad(QUESTION,bytes,FILE_COMMON);
   if(size>0 && size<=LONGEST_QUESTION && bytes[(int)size-1]!=NEW_LINE)
      return; // the rest of it is still on its way
   FileDelete(QUESTION,FILE_COMMON);
   if(size<=0 || size>LONGEST_QUESTION)
      return;
   uchar answer[];
   Answered(CharArrayToString(bytes,0,(int)size-1,CP_UTF8),answer);
   if(FileSave(PART,answer,FILE_COMMON))
      FileMove(PART,FILE_COMMON,ANSWER,FILE_COMMON|FILE_REWRITE);
  }

//--- the port ------------------------------------------------------

void ServeSocket()
  {
   if(ExtSocket==INVALID_HANDLE && !Connected())
      return;
   uint ready=SocketIsReadable(ExtSocket);
   if(ready==0)
     {
      if(!SocketIsConnected(ExtSocket))
         HangUp();
      return;
     }
   uchar part[];
   int size=SocketRead(ExtSocket,part,ready,100);
   if(size<=0)
     {
      HangUp();
      return;
     }
   ArrayCopy(ExtHeld,part,ArraySize(ExtHeld),0,size);
   AnswerHeld();
   if(ArraySize(ExtHeld)>LONGEST_QUESTION)
      HangUp();
  }

bool Connected()
  {
   if(ExtTried>0 && GetTickCount()-ExtTried<1000)
      return(false);
   ExtTried=GetTickCount();
   ExtSocket=SocketCreate();
   if(ExtSocket==INVALID_HANDLE)
      return(false);
   ResetLastError();
   if(SocketConnect(ExtSocket,HOST,InpPort,200))
      return(true);
   int error=GetLastError();
   if(error==4014 && !ExtWarned)
     {
      ExtWarned=true;
      Print("AssayBridge: allow ",HOST," in Tools, Options, Expert Advisors to use the port");
     }
   HangUp();
   return(false);
  }

void HangUp()
  {
   if(ExtSocket!=INVALID_HANDLE)
      SocketClose(ExtSocket);
   ExtSocket=INVALID_HANDLE;
   ArrayResize(ExtHeld,0);
  }

//--- answer every whole line that has come
void AnswerHeld()
  {
   int end=LineEnd();
   while(end>=0)
     {
      string line=CharArrayToString(ExtHeld,0,end,CP_UTF8);
      int rest=ArraySize(ExtHeld)-end-1;
      uchar held[];
      ArrayResize(held,rest);
      if(rest>0)
         ArrayCopy(held,ExtHeld,0,end+1,rest);
      ArrayResize(ExtHeld,rest);
      if(rest>0)
         ArrayCopy(ExtHeld,held,0,0,rest);
      uchar answer[];
      Answered(line,answer);
      if(!Sent(answer))
        {
         HangUp();
         return;
        }
      end=LineEnd();
     }
  }

int LineEnd()
  {
   for(int i=0; i<ArraySize(ExtHeld); i++)
      if(ExtHeld[i]==NEW_LINE)
         return(i);
   return(-1);
  }

bool Sent(const uchar &bytes[])
  {
   int total=ArraySize(bytes);
   int sent=0;
   while(sent<total)
     {
      uchar part[];
      int size=MathMin(total-sent,65536);
      ArrayResize(part,size);
      ArrayCopy(part,bytes,0,sent,size);
      int now=SocketSend(ExtSocket,part,(uint)size);
      if(now<=0)
         return(false);
      sent+=now;
     }
   return(true);
  }

//--- lines ---------------------------------------------------------

//--- the line that answers a line, its end included
void Answered(const string line,uchar &answer[])
  {
   string said=Reply(line);
   uchar payload[];
   Bytes(said,payload);
   Bytes(MARK+Checksum(payload)+" "+Seal(payload)+" "+said+"\n",answer);
  }

string Reply(const string line)
  {
   int head=StringLen(MARK)+2*(HEX_LENGTH+1);
   if(StringLen(line)<=head || StringSubstr(line,0,StringLen(MARK))!=MARK)
      return(Wrong("","damaged",""));
   string said=StringSubstr(line,head);
   uchar payload[];
   Bytes(said,payload);
   if(StringSubstr(line,StringLen(MARK),HEX_LENGTH)!=Checksum(payload))
      return(Wrong("","damaged",""));
   if(StringSubstr(line,StringLen(MARK)+HEX_LENGTH+1,HEX_LENGTH)!=Seal(payload))
      return(Wrong("","bad_token",""));
   if(Field(said,"ask")!="bars")
      return(Wrong(Field(said,"id"),"bad_question",Field(said,"ask")));
   return(BarsAnswer(said));
  }

string Wrong(const string id,const string code,const string said)
  {
   return("{\"id\":\""+Plain(id)+"\",\"error\":\""+code+"\",\"said\":\""+Plain(said)+"\"}");
  }

//--- the value of a field of a flat object whose texts hold no quotes
string Field(const string said,const string name)
  {
   string key="\""+name+"\":";
   int start=StringFind(said,key);
   if(start<0)
      return("");
   start+=StringLen(key);
   if(StringSubstr(said,start,1)=="\"")
     {
      int quote=StringFind(said,"\"",start+1);
      return(quote<0 ? "" : StringSubstr(said,start+1,quote-start-1));
     }
   int comma=StringFind(said,",",start);
   int brace=StringFind(said,"}",start);
   int end=(comma>=0 && comma<brace) ? comma : brace;
   return(end<0 ? "" : StringSubstr(said,start,end-start));
  }

//--- a text that needs no escapes in JSON
string Plain(const string text)
  {
   string made="";
   for(int i=0; i<StringLen(text); i++)
     {
      ushort one=StringGetCharacter(text,i);
      bool fine=one>=32 && one<127 && one!='"' && one!='\\';
      made+=fine ? StringSubstr(text,i,1) : "?";
     }
   return(made);
  }

//--- bars ----------------------------------------------------------

string BarsAnswer(const string said)
  {
   string id=Field(said,"id");
   string symbol=Field(said,"symbol");
   ENUM_TIMEFRAMES period=PeriodOf(Field(said,"period"));
   long first=StringToInteger(Field(said,"first"));
   long last=StringToInteger(Field(said,"last"));
   long most=MathMin(StringToInteger(Field(said,"most")),MOST_BARS);
   if(period==PERIOD_CURRENT || first<0 || last<first || most<1)
      return(Wrong(id,"bad_question",Field(said,"period")));
   if(AccountInfoInteger(ACCOUNT_LOGIN)==0)
      return(Wrong(id,"logged_out",""));
   if(!TerminalInfoInteger(TERMINAL_CONNECTED))
      return(Wrong(id,"not_connected",AccountInfoString(ACCOUNT_SERVER)));
   bool custom=false;
   if(!SymbolExist(symbol,custom))
      return(Wrong(id,"unknown_symbol",symbol));
   ResetLastError();
   if(!SymbolSelect(symbol,true))
      return(Wrong(id,"not_selected","error "+IntegerToString(GetLastError())));
   return(HeldAnswer(id,symbol,period,first,last,most));
  }

string HeldAnswer(const string id,const string symbol,const ENUM_TIMEFRAMES period,
            const long first,const long last,const long most)
  {
   LoadOlder(symbol,period,first);
   long oldest=SeriesInfoInteger(symbol,period,SERIES_FIRSTDATE);
   long served=SeriesInfoInteger(symbol,period,SERIES_SERVER_FIRSTDATE);
   long count=SeriesInfoInteger(symbol,period,SERIES_BARS_COUNT);
   long limit=TerminalInfoInteger(TERMINAL_MAXBARS);
   long begin=MathMax(first,MathMin(oldest,last));
   long until=MathMin(last,begin+(most-1)*PeriodSeconds(period));
   MqlRates rates[];
   ResetLastError();
   int copied=CopyRates(symbol,period,(datetime)begin,(datetime)until,rates);
   bool loaded=copied>=0 || GetLastError()==ERR_HISTORY_NOT_FOUND;
   bool synced=loaded && oldest>0 && SeriesInfoInteger(symbol,period,SERIES_SYNCHRONIZED)!=0;
   string made="{\"id\":\""+Plain(id)+"\"";
   StringAdd(made,",\"served\":"+IntegerToString((long)TimeTradeServer()));
   StringAdd(made,",\"ticked\":"+IntegerToString((long)TimeCurrent()));
   StringAdd(made,",\"gmt\":"+IntegerToString((long)TimeGMT()));
   StringAdd(made,",\"oldest\":"+IntegerToString(oldest));
   StringAdd(made,",\"older\":"+Truth(oldest>first && served>0 && served<oldest));
   StringAdd(made,",\"room\":"+Truth(count<limit));
   StringAdd(made,",\"synced\":"+Truth(synced));
   StringAdd(made,",\"limit\":"+IntegerToString(limit));
   StringAdd(made,",\"until\":"+IntegerToString(until));
   StringAdd(made,",\"bars\":[");
   int digits=(int)SymbolInfoInteger(symbol,SYMBOL_DIGITS);
   for(int i=0; i<copied; i++)
      StringAdd(made,(i>0 ? "," : "")+Written(rates[i],digits));
   StringAdd(made,"]}");
   return(made);
  }

//--- copying past the oldest bar makes the terminal load more
void LoadOlder(const string symbol,const ENUM_TIMEFRAMES period,const long first)
  {
   long oldest=SeriesInfoInteger(symbol,period,SERIES_FIRSTDATE);
   long count=SeriesInfoInteger(symbol,period,SERIES_BARS_COUNT);
   if(oldest>0 && (oldest<=first || count>=TerminalInfoInteger(TERMINAL_MAXBARS)))
      return;
   datetime times[];
   CopyTime(symbol,period,(int)count,100,times);
  }

string Written(const MqlRates &bar,const int digits)
  {
   return("["+IntegerToString((long)bar.time)+","+DoubleToString(bar.open,digits)
          +","+DoubleToString(bar.high,digits)+","+DoubleToString(bar.low,digits)
          +","+DoubleToString(bar.close,digits)+","+IntegerToString(bar.tick_volume)+"]");
  }

string Truth(const bool value)
  {
   return(value ? "true" : "false");
  }

ENUM_TIMEFRAMES PeriodOf(const string name)
  {
   if(name=="M1")
      return(PERIOD_M1);
   if(name=="M5")
      return(PERIOD_M5);
   if(name=="M10")
      return(PERIOD_M10);
   if(name=="M15")
      return(PERIOD_M15);
   if(name=="M30")
      return(PERIOD_M30);
   if(name=="H1")
      return(PERIOD_H1);
   return(PERIOD_CURRENT);
  }

//--- checksums -----------------------------------------------------

//--- UTF-8 without the zero that ends a string
void Bytes(const string text,uchar &bytes[])
  {
   int size=StringToCharArray(text,bytes,0,WHOLE_ARRAY,CP_UTF8);
   ArrayResize(bytes,MathMax(size-1,0));
  }

string Checksum(const uchar &bytes[])
  {
   uchar digest[];
   Digest(bytes,digest);
   return(Hex(digest));
  }

//--- HMAC-SHA256 (RFC 2104) under the token
string Seal(const uchar &bytes[])
  {
   uchar key[];
   Bytes(InpToken,key);
   if(ArraySize(key)>BLOCK)
     {
      uchar shorter[];
      Digest(key,shorter);
      ArrayResize(key,ArraySize(shorter));
      ArrayCopy(key,shorter);
     }
   int filled=ArraySize(key);
   ArrayResize(key,BLOCK);
   for(int i=filled; i<BLOCK; i++)
      key[i]=0;
   uchar inner[];
   Padded(key,0x36,bytes,inner);
   uchar outer[];
   Padded(key,0x5C,inner,outer);
   return(Hex(outer));
  }

//--- the digest of the key under a pad, followed by a message
void Padded(const uchar &key[],const uchar pad,const uchar &message[],uchar &digest[])
  {
   uchar whole[];
   int size=ArraySize(message);
   ArrayResize(whole,BLOCK+size);
   for(int i=0; i<BLOCK; i++)
      whole[i]=(uchar)(key[i]^pad);
   if(size>0)
      ArrayCopy(whole,message,BLOCK,0,size);
   Digest(whole,digest);
  }

void Digest(const uchar &bytes[],uchar &digest[])
  {
   uchar none[];
   if(CryptEncode(CRYPT_HASH_SHA256,bytes,none,digest)<=0)
      ArrayResize(digest,0);
  }

string Hex(const uchar &bytes[])
  {
   string made="";
   for(int i=0; i<ArraySize(bytes); i++)
      made+=StringFormat("%02x",bytes[i]);
   return(made);
  }
//+------------------------------------------------------------------+
